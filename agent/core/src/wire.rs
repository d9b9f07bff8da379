//! Bytes on the wire: line protocol in and out, the two dialects of the sump on top of it, and what a label may be.

pub mod encode;
pub mod label;
pub mod line;
pub mod sump;
