//! The pure logic of gridnode: what a load-generator node decides, without a socket, a clock, a thread or a random
//! number of its own. Time and entropy are arguments; acts are values that a shell carries out.
//!
//! A reader who follows one datagram meets the rooms in this order: [`sump`] (two dialects on top of [`line`]),
//! [`series`], [`window`] with [`sketch`], [`rollup`], [`timestamp`], [`line_encode`], [`delivery`]; [`ledger`] keeps
//! the accounts throughout.

pub mod ids;
pub mod launch;
pub mod limits;
pub mod line;
pub mod sump;
pub mod time;
