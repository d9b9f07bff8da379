//! The shells of gridnode: sockets, clocks, files and processes around the pure logic of `gridnode_core`.

#[cfg(feature = "aws")]
pub mod agent;
#[cfg(feature = "aws")]
pub mod aws;
#[cfg(feature = "aws")]
pub mod check;
pub mod cli;
pub mod clock;
#[cfg(feature = "aws")]
pub mod config;
pub mod console;
pub mod disk;
pub mod drain_client;
pub mod drain_server;
pub mod exit;
pub mod fetch;
mod foreign_file;
pub mod gatling;
pub mod host;
#[cfg(feature = "aws")]
pub mod imds;
pub mod ingest_thread;
pub mod jmeter;
pub mod local_run;
pub mod outbound;
#[cfg(feature = "aws")]
pub mod queue;
pub mod real_name;
#[cfg(feature = "aws")]
pub mod reap;
mod removal;
pub mod render;
pub mod selenium;
pub mod session;
pub mod short_path;
pub mod signals;
pub mod spool;
pub mod status;
pub mod supervise;
mod tail;
pub mod target;
pub mod telemetry;
pub mod tool;
pub mod tools;
pub mod udp;
pub mod watchdog;
