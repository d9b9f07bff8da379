//! Apache JMeter: what is read from a plan, what is changed in it, how it is started and how its end is judged.
//!
//! A plan is a customer's file. It is parsed only to learn byte positions and facts; it is never serialised again, so
//! whatever is not deliberately changed stays byte-identical.
//!
//! | step | module |
//! |---|---|
//! | facts: thread groups, files the plan needs | [`inspect()`] |
//! | users, ramp-up, duration, iterations, parameters | [`overrides`] |
//! | how long it runs by itself | [`length()`] |
//! | all of that at once, before it runs or is sent | [`outlook()`] |
//! | what in it has no number, can never be sent, or is removed | [`before()`] |
//! | our listener goes in | [`splice()`] |
//! | the command line | [`command`] |
//! | the plug-ins that it needs | [`Coordinate`] |
//! | what its end means | [`verdict`] |

mod before;
mod classes;
pub mod command;
mod conditions;
mod coordinate;
mod counts;
mod doc;
mod element;
mod error;
mod functions;
mod groups;
pub mod inspect;
mod known;
mod length;
mod load_model;
pub mod log_layout;
mod outlook;
pub mod overrides;
mod own_results;
pub mod params;
mod patch;
mod properties;
mod removed;
mod schedule;
mod splice;
mod value;
pub mod variables;
pub mod verdict;

pub use before::before;
pub use command::JmeterLaunch;
pub use coordinate::{Coordinate, NotACoordinate};
pub use error::{PlanError, Position};
pub use functions::unknown_functions;
pub use groups::Foreseen;
pub use inspect::inspect;
pub use length::{Overlong, PropertyFiles, length, overlong};
pub use load_model::load_model;
pub use outlook::{Outlook, Unfit, certain, outlook};
pub use overrides::{Overridden, apply};
pub use own_results::OwnResults;
pub use properties::property_of;
pub use splice::splice;
pub use value::Value;
pub use verdict::LogScan;

/// The largest plan that is read. Plans with big bodies pasted into them reach some 10 MB; JMeter itself needs about
/// 20 times a plan's size to load it.
pub const PLAN_BYTES_MAX: usize = 64 << 20;
/// Most XML elements of a plan: bounds the memory of its outline (32 bytes each) for a hostile file.
pub const PLAN_ELEMENTS_MAX: usize = 4_000_000;
