//! The pure logic of gridnode: what a load-generator node decides, without a socket, a clock, a thread or a random
//! number of its own. Time and entropy are arguments; acts are values that a shell carries out.
//!
//! A reader who follows one datagram meets the rooms in this order: [`wire`] (lines, and the two dialects on top of
//! them), [`measure`] (series, windows, sketches, accounts), [`rollup`] (the points of a closed window), [`outbound`]
//! (what becomes of a batch). [`merge`] is the way back: rollups of many nodes into one table, which [`judge`] asks and
//! [`report`] shows. A command's way leads
//! through [`node`] and [`run`]. [`live`] is what a person sees while one goes on. Everybody stands on [`base`].

pub mod base;
pub mod judge;
pub mod live;
pub mod measure;
pub mod merge;
pub mod node;
pub mod outbound;
pub mod report;
pub mod rollup;
pub mod run;
pub mod trace;
pub mod wire;
