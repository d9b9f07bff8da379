//! Whole nodes on one heap of events: samples go in as datagrams, and whatever happens to clocks, disks, processes, machines
//! and the Drain, the store has at the end what was sent, to the window and the sample, no point is ever written over with
//! another, and the merged percentiles are true.
//!
//! `WHOLE_SEEDS=500 cargo test -p gridnode-core --test whole_nodes` runs longer; `WHOLE_SEED=17` runs one;
//! `WHOLE_NODES=900 WHOLE_MINUTES=1440 WHOLE_STEP_MS=150000 WHOLE_SEED=1`, in a release build, is a large grid's day in some minutes: a
//! step sends the same few samples, so with longer ones there are fewer. `WHOLE_PLANT_SEEDS=40 … planted -- --nocapture` counts
//! how many of so many seeds find each planted mistake.

#![allow(clippy::unwrap_used, reason = "a test")]

#[expect(dead_code, reason = "its bytes do not rot here")]
#[path = "way_out/disk.rs"]
mod disk;
#[path = "way_out/random.rs"]
mod random;
mod whole_nodes {
    pub mod grid;
    pub mod life;
    pub mod live;
    pub mod naive;
    pub mod node;
    pub mod owed;
    pub mod plant;
    pub mod rule;
    pub mod store;
    pub mod way;
}

use std::collections::BTreeMap;
use whole_nodes::grid::{Grid, Scale};
use whole_nodes::plant::Plant;

const SEEDS: u64 = 40;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn scale() -> Scale {
    let usual = Scale::default();
    Scale {
        nodes: number("WHOLE_NODES").and_then(|n| u16::try_from(n).ok()).unwrap_or(usual.nodes),
        minutes: number("WHOLE_MINUTES").unwrap_or(usual.minutes),
        step_ms: number("WHOLE_STEP_MS").unwrap_or(usual.step_ms),
    }
}

fn run(seed: u64, plant: Plant) -> Result<BTreeMap<&'static str, u64>, String> {
    Grid::new(seed, scale(), plant).run()
}

#[test]
fn the_store_has_what_was_sent() {
    let node_hours = |worlds: u64| (worlds * u64::from(scale().nodes) * scale().minutes) as f64 / 60.0;
    if let Some(seed) = number("WHOLE_SEED") {
        println!("{} node-hours: {:#?}", node_hours(1), run(seed, Plant::Nothing).unwrap());
        return;
    }
    let seeds = number("WHOLE_SEEDS").unwrap_or(SEEDS);
    let mut seen = BTreeMap::<&str, u64>::new();
    for seed in 0..seeds {
        match run(seed, Plant::Nothing) {
            Ok(saw) => saw.into_iter().for_each(|(what, n)| *seen.entry(what).or_default() += n),
            Err(wrong) => {
                panic!("{wrong}\nagain: WHOLE_SEED={seed} cargo test -p gridnode-core --test whole_nodes")
            }
        }
    }
    println!("{} node-hours: {seen:#?}", node_hours(seeds));
    for what in [
        "kill",
        "machine stop",
        "lost_restart",
        "sample taken by a kill",
        "sample taken by a stop",
        "clock forward",
        "clock backward",
        "pause",
        "flood began in the middle",
        "flood ended in the middle",
        "carried",
        "snapshot taken over",
        "late",
        "part",
        "restamped ahead",
        "restamped behind",
        "gauge of a window again",
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
        if let Some(seeds) = number("WHOLE_PLANT_SEEDS") {
            let found = (0..seeds).filter(|seed| run(*seed, plant).is_err()).count();
            println!("{plant:?}: {found} of {seeds} seeds");
            continue;
        }
        let found = (0..SEEDS).find_map(|seed| Some((seed, run(seed, plant).err()?)));
        match found {
            Some((seed, wrong)) => println!("{plant:?}, seed {seed}: {wrong}"),
            None => panic!("{plant:?} is not found"),
        }
    }
}
