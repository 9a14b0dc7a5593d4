//! The type of a goal: in settings, at launch and in a call.

/// What a goal counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GoalType {
    /// `REVENUE_TRACKING`
    Revenue,
    /// `CUSTOM_GOAL`
    Custom,
    /// `ALL`: not a goal's type, but what may be asked for.
    All,
}

impl GoalType {
    /// The type with that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "REVENUE_TRACKING" => Some(GoalType::Revenue),
            "CUSTOM_GOAL" => Some(GoalType::Custom),
            "ALL" => Some(GoalType::All),
            _ => None,
        }
    }
}
