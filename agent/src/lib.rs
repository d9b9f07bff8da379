//! The shells of gridnode: sockets, clocks, files and processes around the pure logic of `gridnode_core`.

#[cfg(feature = "aws")]
pub mod agent;
#[cfg(feature = "aws")]
pub mod aws;
pub mod cli;
pub mod clock;
pub mod config;
pub mod console;
pub mod disk;
pub mod drain_client;
pub mod drain_server;
pub mod exit;
pub mod fetch;
pub mod host;
pub mod imds;
pub mod ingest_thread;
pub mod jmeter;
pub mod local_run;
pub mod outbound;
#[cfg(feature = "aws")]
pub mod queue;
#[cfg(feature = "aws")]
pub mod reap;
pub mod render;
pub mod session;
pub mod signals;
pub mod spool;
pub mod status;
pub mod supervise;
mod tail;
pub mod target;
pub mod telemetry;
pub mod tools;
pub mod udp;
pub mod watchdog;
