//! What becomes of a batch once it is rendered, until the Drain has it or an account says why not.

pub mod delivery;
