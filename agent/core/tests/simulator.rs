//! The node's control machine in a simulated world: a queue that delivers twice and in any order, a disk that is slow,
//! refuses, hangs and tears lines, tools that disobey, a topic that fails after all, a clock that steps, and crashes between
//! any two outputs. One seed makes one world; the same seed makes the same one again.
//!
//! `GRIDNODE_SEEDS=5000` tries more worlds, `GRIDNODE_SEED=17` one, with its whole log on failure.

#![expect(clippy::expect_used, reason = "a world that is not as it was made is a fault of the test")]

#[path = "simulator/checker.rs"]
mod checker;
#[path = "simulator/commands.rs"]
mod commands;
#[path = "simulator/disk.rs"]
mod disk;
#[path = "simulator/random.rs"]
mod random;
#[path = "simulator/shell.rs"]
mod shell;
#[path = "simulator/tools.rs"]
mod tools;
#[path = "simulator/world.rs"]
mod world;

use checker::Coverage;
use world::World;

const SEEDS: u64 = 1_000;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

#[test]
fn no_world_breaks_a_rule() {
    let one = number("GRIDNODE_SEED").is_some();
    let seeds = match number("GRIDNODE_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("GRIDNODE_SEEDS").unwrap_or(SEEDS),
    };
    let many = seeds.end - seeds.start >= SEEDS;
    let mut coverage = Coverage::default();
    for seed in seeds {
        let mut world = World::new(seed, one);
        world.live();
        coverage.add(&world.end());
    }
    if many {
        // A world in which nothing happens breaks no rule: all of it has to have happened.
        println!("{coverage:#?}");
        coverage.assert_whole();
    }
}

#[test]
fn a_seed_makes_the_same_world_again() {
    let logs = [(); 2].map(|()| {
        let mut world = World::new(42, true);
        world.live();
        world.log()
    });
    assert!(logs[0].len() > 100);
    assert_eq!(logs[0], logs[1]);
}
