//! The shells of gridnode: sockets, clocks, files and processes around the pure logic of `gridnode_core`.

pub mod clock;
pub mod ingest_thread;
pub mod supervise;
pub mod udp;
