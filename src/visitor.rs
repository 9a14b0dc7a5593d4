//! The visitor context: what all platforms know of one visitor.

use crate::{
    platform::{Convert, Kameleoon, Optimizely, Platform, Vwo, each_platform},
    values::{
        fields::Walker,
        id::insert_sorted,
        json::{Json, Members, Writer},
        problem::Problem,
        time::Time,
    },
};
use alloc::{string::String, vec::Vec};

macro_rules! context {
    ($($field:ident: $platform:ident),+) => {
        /// What all platforms know of one visitor, and what could not be used.
        ///
        /// Printed as JSON it is the `VisitorContext` of the public contract.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct VisitorContext {
            /// When it was captured; a token keeps the UTC day of it. The epoch where nobody knows.
            pub captured_at: Time,
            $(
                #[doc = concat!("What [`", stringify!($platform), "`] knows.")]
                pub $field: Option<<$platform as Platform>::Visitor>,
            )+
            /// Visitor or session ids of call trackers, by tracker, sorted.
            pub call_trackers: Vec<(String, String)>,
            /// Present but unusable, one entry a reason.
            pub problems: Vec<Problem>,
        }

        impl VisitorContext {
            /// Does any platform know the visitor?
            #[must_use]
            pub fn is_known(&self) -> bool {
                $(self.$field.as_ref().is_some_and($platform::is_somebody))||+
            }

            /// Hands all fields of all visitors to the walker. Of whom nobody knows who it is, nothing is known.
            pub(crate) fn walk(&mut self, walker: &mut Walker<'_>) {
                $(walk::<$platform>(&mut self.$field, walker);)+
            }
        }
    };
}

each_platform!(context);

fn walk<P: Platform>(visitor: &mut Option<P::Visitor>, walker: &mut Walker<'_>) {
    if walker.begin(P::NAME, visitor.is_some()) {
        let known = visitor.get_or_insert_default();
        P::walk(known, walker);
        let is_somebody = P::is_somebody(known);
        walker.end(is_somebody);
        if !is_somebody {
            *visitor = None;
        }
    }
}

impl VisitorContext {
    /// The context in a JSON object; what is not usable in it is left out, for it may be an older one.
    #[must_use]
    pub fn from_json(json: Json<'_>) -> Self {
        let mut context = VisitorContext::default();
        context.read(json);
        context
    }

    /// Fills an empty context from a JSON object.
    pub(crate) fn read(&mut self, json: Json<'_>) {
        let json = json.members();
        self.captured_at = Time::from_json(json.or_null("capturedAt")).unwrap_or_default();
        for (tracker, id) in json.or_null("callTrackers").entries() {
            if let Some(id) = id.text() {
                insert_sorted(&mut self.call_trackers, tracker, id);
            }
        }
        self.walk(&mut Walker::FromJson { context: &json, visitor: Members::default() });
    }

    /// The context as JSON text; whoever needs it no longer saves a copy.
    #[must_use]
    pub fn into_json(mut self) -> String {
        self.write()
    }

    /// The context as JSON text. (A walker may fill what it walks over; this one does not.)
    pub(crate) fn write(&mut self) -> String {
        let mut out = Writer::default();
        out.open('{');
        out.number("capturedAt", self.captured_at.ms());
        self.walk(&mut Walker::ToJson(&mut out));
        if !self.call_trackers.is_empty() {
            out.name("callTrackers");
            out.open('{');
            for (tracker, id) in &self.call_trackers {
                out.member(tracker, id);
            }
            out.close('}');
        }
        out.name("problems");
        Problem::write_all(&self.problems, &mut out);
        out.close('}');
        out.finish()
    }

    /// The context as JSON text: the `VisitorContext` of the public contract.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.clone().into_json()
    }
}

/// A time, where it was known.
pub(crate) fn known(time: Time) -> Option<Time> {
    (time != Time::default()).then_some(time)
}
