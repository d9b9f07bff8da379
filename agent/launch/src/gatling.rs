//! Gatling: which simulation of a plan is run, how it is started, and how its end is judged.
//!
//! A plan is source in Java or Scala, a directory of it, or a built jar. Which classes of it can be started is read from
//! the compiled classes themselves, so that no text of a source has to be understood. Every argument of the JVM is in a
//! file that only the run's owner can read, so nothing of a customer's parameters is on a command line.
//!
//! | step | module |
//! |---|---|
//! | what a class file says of itself | [`class_file`] |
//! | which classes are simulations, and which one is meant | [`simulations`] |
//! | the command line and its argument file | [`command`] |
//! | what its end means | [`verdict`] |

pub mod class_file;
pub mod command;
pub mod simulations;
pub mod verdict;

pub use class_file::ClassHead;
pub use command::GatlingLaunch;
pub use simulations::{Choice, choose};

/// Source files of a plan that is a directory.
pub const SOURCES_MAX: usize = 2_000;
/// Classes of a plan that are looked at: a jar with all that a simulation needs has some thousands.
pub const CLASSES_MAX: usize = 100_000;
/// The largest class file that is read. The format itself allows little more.
pub const CLASS_BYTES_MAX: usize = 4 << 20;
