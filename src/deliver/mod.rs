//! Delivery: what every sender has in common, whatever carries its requests.

pub mod policy;
