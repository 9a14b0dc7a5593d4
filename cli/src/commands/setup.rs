//! `aftercall setup …`: settings in other people's pages, made through their APIs.

use crate::{
    args::{Arguments, Setup},
    commands::{setup_callrail, setup_optimizely},
    exit::Exit,
    fault::{Code, Fault},
};

/// Sets up what is named.
///
/// # Errors
/// See `docs/codes.md`; nothing is half done.
pub fn run(arguments: &Arguments, what: &Setup) -> Result<Exit, Fault> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Fault::new(Code::BadConfig, format!("The system gives no event queue: {error}.")))?;
    runtime.block_on(async {
        match what {
            Setup::Optimizely(wanted) => setup_optimizely::run(arguments, wanted).await,
            Setup::Callrail(wanted) => setup_callrail::run(arguments, wanted).await,
        }
    })
}
