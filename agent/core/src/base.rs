//! What every room stands on: points in time, identifiers, limits, entropy that is passed in.

pub mod backoff;
pub mod fingerprint;
pub mod ids;
pub(crate) mod json;
pub mod limits;
pub mod random;
pub mod rfc3339;
pub mod run;
pub mod tags;
pub mod terminal;
pub mod time;
