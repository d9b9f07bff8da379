//! The pure logic of gridnode: what a load-generator node decides, without a socket, a clock, a thread or a random
//! number of its own. Time and entropy are arguments; acts are values that a shell carries out.
//!
//! A reader who follows one datagram meets the rooms in this order: [`sump`] (two dialects on top of [`mod@line`]),
//! [`series`], [`window`] with [`sketch`], [`rollup`], [`timestamp`], [`line_encode`], [`delivery`]; [`ledger`] keeps
//! the accounts throughout.

pub mod accumulator;
pub mod command;
pub mod delivery;
pub mod event;
pub mod failures;
pub mod flood;
pub mod ids;
pub mod ingest;
pub mod label;
pub mod launch;
pub mod ledger;
pub mod limits;
pub mod line;
pub mod line_encode;
pub mod merge;
pub mod node;
pub mod node_health;
pub mod random;
pub mod receipt;
pub mod rfc3339;
pub mod rollup;
pub mod run;
pub mod series;
pub mod sketch;
pub mod stat;
pub mod sump;
pub mod time;
pub mod timestamp;
pub mod users;
pub mod window;
