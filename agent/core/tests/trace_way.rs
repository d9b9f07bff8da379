//! The way out of error traces: a machine and a spool of their own, an object store, and the point that says where an object is,
//! among the rollups. Whatever happens to disks, processes, the store and the Drain, in any order: no point without its object,
//! no durable trace without both, none under two names.
//!
//! `TRACE_SEEDS=20000 cargo test -p gridnode-core --test trace_way` runs longer; `TRACE_SEED=17` runs one.

#![allow(clippy::unwrap_used, reason = "a test")]

#[expect(dead_code, reason = "nothing rots and nothing is full here")]
#[path = "way_out/disk.rs"]
mod disk;
#[path = "way_out/random.rs"]
mod random;
mod trace_way {
    pub mod node;
    pub mod outside;
    pub mod way;
}

use std::collections::BTreeMap;
use trace_way::node::{Node, Plant};

const SEEDS: u64 = 600;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn a_trace_and_its_pointer_come_together_or_not_at_all() {
    if let Some(seed) = number("TRACE_SEED") {
        println!("{:#?}", Node::new(seed, Plant::Nothing).run().unwrap());
        return;
    }
    let mut seen = BTreeMap::<&str, u64>::new();
    for seed in 0..number("TRACE_SEEDS").unwrap_or(SEEDS) {
        match Node::new(seed, Plant::Nothing).run() {
            Ok(saw) => saw.into_iter().for_each(|(what, n)| *seen.entry(what).or_default() += n),
            Err(wrong) => {
                panic!("{wrong}\nagain: TRACE_SEED={seed} cargo test -p gridnode-core --test trace_way")
            }
        }
    }
    println!("{seen:#?}");
    for what in [
        "kill",
        "crash",
        "object stored",
        "object's answer lost",
        "store away",
        "denied",
        "drain away",
        "operation failed",
        "twice",
    ] {
        assert!(seen.get(what).is_some_and(|n| *n > 20), "{what} hardly ever happens: {seen:?}");
    }
}

/// A checker that cannot fail is worth nothing.
#[test]
fn planted_mistakes_are_found() {
    for plant in Plant::ALL {
        assert!((0..SEEDS).any(|seed| Node::new(seed, plant).run().is_err()), "{plant:?} is not found");
    }
}
