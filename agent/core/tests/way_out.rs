//! The way out under every fault that a disk, a Drain and a crash can make, by simulation: one machine, a disk that
//! forgets what was not synced, a Drain that answers what it likes, and a clock that only the test moves.
//!
//! `WAY_OUT_SEEDS=100000 cargo test -p gridnode-core --test way_out` runs longer; `WAY_OUT_SEED=17` runs one, and says what
//! happened; `WAY_OUT_PLANT_SEEDS=300 … planted -- --nocapture` counts how many of so many seeds find each planted mistake.

#![allow(clippy::unwrap_used, reason = "a test")]

mod way_out {
    pub mod checker;
    pub mod disk;
    pub mod drain;
    pub mod plant;
    pub mod random;
    pub mod world;
}

use way_out::plant::Plant;
use way_out::world::World;

const SEEDS: u64 = 1_500;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn every_sample_is_in_one_account_whatever_happens() {
    if let Some(seed) = number("WAY_OUT_SEED") {
        let said = World::new(seed, Plant::Nothing).run();
        panic!("seed {seed}: {said:#?}");
    }
    let mut faults = std::collections::BTreeMap::<&str, u64>::new();
    for seed in 0..number("WAY_OUT_SEEDS").unwrap_or(SEEDS) {
        match World::new(seed, Plant::Nothing).run() {
            Ok(seen) => seen.into_iter().for_each(|(kind, n)| *faults.entry(kind).or_default() += n),
            Err(wrong) => {
                panic!("{wrong}\nagain: WAY_OUT_SEED={seed} cargo test -p gridnode-core --test way_out")
            }
        }
    }
    println!("{faults:#?}");
    for kind in [
        "crash",
        "disk full",
        "operation failed",
        "torn write",
        "answer lost",
        "refused",
        "too large",
        "bit rot",
        "evicted",
        "posted from memory",
        "a start that cannot see the memory files",
        "ended on a full disk",
        "lost_restart",
        "kill",
        "stop",
        "carried",
        "copied back",
        "changed",
        "restored",
    ] {
        assert!(faults.get(kind).is_some_and(|n| *n > 20), "{kind} hardly ever happens: {faults:?}");
    }
}

/// A checker that cannot fail is worth nothing: each of these mistakes is found by some seed.
#[test]
fn planted_mistakes_are_found() {
    for plant in Plant::ALL {
        let finds = |seed: &u64| World::new(*seed, plant).run().is_err();
        if let Some(seeds) = number("WAY_OUT_PLANT_SEEDS") {
            println!("{plant:?}: {} of {seeds} seeds", (0..seeds).filter(finds).count());
            continue;
        }
        let found = (0..SEEDS).filter(finds).take(1).count();
        assert!(found > 0, "{plant:?} is not found by {SEEDS} seeds");
    }
}
