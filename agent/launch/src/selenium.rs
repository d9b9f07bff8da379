//! Selenium: how a browser test is started, how many browsers fit into a node's memory, and how its end is judged.
//!
//! A plan is a Python script or Java source. Both run under one runner in Python, which starts the browsers, gives each
//! user a session, and reports to the sump. It reads everything it must know from one options file, so nothing of a
//! customer's parameters is on a command line.
//!
//! | step | module |
//! |---|---|
//! | how many browsers fit | [`memory`] |
//! | which class of a Java plan is started | [`main_class`] |
//! | the options file | [`options`] |
//! | load and parameters that can be passed | [`params`](super::params) |
//! | the command line | [`command`] |
//! | what its end means | [`verdict`] |

pub mod command;
pub mod main_class;
pub mod memory;
pub mod options;
pub mod verdict;

pub use command::SeleniumLaunch;
pub use memory::{Fits, Need, fits};
pub use options::{JavaOptions, Options, Profile};

/// The largest source file of a plan that is taken. Generated suites reach some 100 KB.
pub const SOURCE_BYTES_MAX: u64 = 4 << 20;
/// Users on one node: far more than any node's memory holds, and a bound for what is kept of each.
pub const USERS_MAX: u32 = 1_000;
