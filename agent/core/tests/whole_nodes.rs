//! Whole nodes on one heap of events: samples go in as datagrams, and whatever happens to disks, processes and the Drain, the
//! store has at the end what was sent, to the window and the sample, and the merged percentiles are true.
//!
//! `WHOLE_SEEDS=500 cargo test -p gridnode-core --test whole_nodes` runs longer; `WHOLE_SEED=17` runs one;
//! `WHOLE_NODES=900 WHOLE_MINUTES=1440` makes it large.

#![allow(clippy::unwrap_used, reason = "a test")]

#[expect(dead_code, reason = "its machine never stops here")]
#[path = "way_out/disk.rs"]
mod disk;
#[path = "way_out/random.rs"]
mod random;
mod whole_nodes {
    pub mod grid;
    pub mod life;
    pub mod node;
    pub mod store;
}

use std::collections::BTreeMap;
use whole_nodes::grid::{Grid, Plant};

const SEEDS: u64 = 12;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn run(seed: u64, plant: Plant) -> Result<BTreeMap<&'static str, u64>, String> {
    let nodes = number("WHOLE_NODES").unwrap_or(4);
    Grid::new(seed, nodes, number("WHOLE_MINUTES").unwrap_or(6), plant).run()
}

#[test]
fn the_store_has_what_was_sent() {
    if let Some(seed) = number("WHOLE_SEED") {
        println!("{:#?}", run(seed, Plant::Nothing).unwrap());
        return;
    }
    let mut seen = BTreeMap::<&str, u64>::new();
    for seed in 0..number("WHOLE_SEEDS").unwrap_or(SEEDS) {
        match run(seed, Plant::Nothing) {
            Ok(saw) => saw.into_iter().for_each(|(what, n)| *seen.entry(what).or_default() += n),
            Err(wrong) => {
                panic!("{wrong}\nagain: WHOLE_SEED={seed} cargo test -p gridnode-core --test whole_nodes")
            }
        }
    }
    println!("{seen:#?}");
    for what in [
        "kill",
        "carried",
        "snapshot taken over",
        "late",
        "answer lost",
        "too large",
        "disk full",
        "operation failed",
    ] {
        assert!(seen.get(what).is_some_and(|n| *n > 5), "{what} hardly ever happens: {seen:?}");
    }
}

/// A checker that cannot fail is worth nothing.
#[test]
fn planted_mistakes_are_found() {
    for plant in Plant::ALL {
        assert!((0..SEEDS).any(|seed| run(seed, plant).is_err()), "{plant:?} is not found");
    }
}
