//! The shells of gridnode: sockets, clocks, files and processes around the pure logic of `gridnode_core`.

pub mod agent;
pub mod base;
pub mod cage;
pub mod cli;
pub mod config;
pub mod console;
pub mod control;
pub mod data;
pub mod files;
pub mod host;
pub mod local;
pub mod tool;
