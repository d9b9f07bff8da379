//! Gatling: which simulation of a plan is run, how it is started, and how its end is judged.
//!
//! A plan is source in Java or Scala, a directory of it, or a built jar. Which classes of it can be started is read from
//! the [compiled classes](crate::java) themselves. Every argument of the JVM is in a
//! file that only the run's owner can read, so nothing of a customer's parameters is on a command line.
//!
//! | step | module |
//! |---|---|
//! | which classes are simulations, and which one is meant | [`simulations`] |
//! | what is said of a plan in the language of an older Gatling | [`old_words`] |
//! | `${…}`, which goes out as it stands | [`old_el`] |
//! | how long its load may last | [`max_duration`] |
//! | whether its users wait for their answers | [`load_model`] |
//! | the command line and its argument file | [`command`] |
//! | what its end means | [`verdict`] |

pub mod command;
pub mod load_model;
pub mod max_duration;
pub mod old_el;
pub mod old_words;
pub mod simulations;
pub mod verdict;

pub use command::GatlingLaunch;
pub use simulations::{Choice, choose};
