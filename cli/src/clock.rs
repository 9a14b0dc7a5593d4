//! The clock: the one place where the command asks what time it is.

use aftercall::values::time::Time;
use std::time::{SystemTime, UNIX_EPOCH};

/// The time of now.
pub fn now() -> Time {
    let ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    Time::from_ms(u64::try_from(ms).unwrap_or(0)).unwrap_or_default()
}
