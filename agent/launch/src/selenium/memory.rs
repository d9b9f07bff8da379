//! Whether a number of browsers fits into a node's memory.
//!
//! A browser that is short of memory does not fail at once: it swaps, loses its tabs, and the times measured are those
//! of the node and not of the site. So a run that cannot fit is refused before it starts.

use std::fmt;

/// One headless Chromium with its processes and its share of the driver, as proportional set size, MiB. Measured with
/// version 156 and a small page; a heavy site takes more.
pub const BROWSER_MIB: u64 = 350;
/// A JVM beyond its heap: class data, code, stacks, MiB.
pub const JVM_EXTRA_MIB: u64 = 90;
/// The runner itself, MiB.
pub const RUNNER_MIB: u64 = 60;
/// Beyond this share of the available memory a run is warned of.
const TIGHT_PERCENT: u64 = 80;
const MIB: u64 = 1 << 20;

/// What a run needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// Users, one browser each.
    pub users: u32,
    /// Largest heap of each user's JVM, MiB; `None` for a Python plan.
    pub heap_mib: Option<u32>,
}

/// The judgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Fits {
    /// With room to spare.
    Well,
    /// It fits, but a heavy site may be too much.
    Tightly(Memory),
    /// It does not fit.
    No(Memory),
}

/// The figures behind a judgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// Users asked for.
    pub users: u32,
    /// Users that fit.
    pub users_max: u32,
    /// For each user, MiB.
    pub user_mib: u64,
    /// For all, MiB.
    pub needed_mib: u64,
    /// What there is, MiB.
    pub available_mib: u64,
}

impl Need {
    /// For each user, MiB.
    #[must_use]
    pub fn user_mib(self) -> u64 {
        BROWSER_MIB + self.heap_mib.map_or(0, |heap| u64::from(heap) + JVM_EXTRA_MIB)
    }

    /// For all of them and the runner, MiB.
    #[must_use]
    pub fn mib(self) -> u64 {
        RUNNER_MIB + u64::from(self.users) * self.user_mib()
    }
}

/// Whether `need` fits into `available_bytes`, the memory that can be had without swapping.
pub fn fits(available_bytes: u64, need: Need) -> Fits {
    let available_mib = available_bytes / MIB;
    let users_max = available_mib.saturating_sub(RUNNER_MIB) / need.user_mib();
    let memory = Memory {
        users: need.users,
        users_max: u32::try_from(users_max).unwrap_or(u32::MAX),
        user_mib: need.user_mib(),
        needed_mib: need.mib(),
        available_mib,
    };
    if memory.users > memory.users_max {
        Fits::No(memory)
    } else if memory.needed_mib * 100 > available_mib * TIGHT_PERCENT {
        Fits::Tightly(memory)
    } else {
        Fits::Well
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { users, users_max, user_mib, needed_mib, available_mib } = self;
        write!(
            f,
            "{users} browsers need about {needed_mib} MiB ({user_mib} MiB each) and {available_mib} MiB are available"
        )?;
        match users_max {
            0 => write!(f, ": not even one fits; free memory or use a larger node"),
            1 => write!(f, ": 1 fits; use --users 1 or a larger node"),
            _ if users_max < users => write!(f, ": {users_max} fit; use fewer users or a larger node"),
            _ => {
                write!(f, ": a heavy site may be too much, then the times are those of a node out of memory")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GIB: u64 = 1 << 30;

    fn python(users: u32) -> Need {
        Need { users, heap_mib: None }
    }

    #[test]
    fn the_number_that_fits_is_named() {
        let Fits::No(memory) = fits(2 * GIB, python(12)) else { panic!("12 browsers need 4 GiB") };
        assert_eq!(memory.users_max, 5);
        assert_eq!(
            memory.to_string(),
            "12 browsers need about 4260 MiB (350 MiB each) and 2048 MiB are available: 5 fit; use fewer users or a \
             larger node"
        );
        let Fits::No(memory) = fits(GIB / 4, python(1)) else { panic!("a browser needs more than 256 MiB") };
        assert!(memory.to_string().contains("not even one"), "{memory}");
    }

    #[test]
    fn a_java_plan_needs_a_heap_for_each_user_too() {
        let available = 2 * GIB;
        assert_eq!(fits(available, python(4)), Fits::Well);
        assert!(matches!(fits(available, Need { users: 4, heap_mib: Some(256) }), Fits::No(_)));
    }

    #[test]
    fn a_tight_fit_is_a_warning() {
        let Fits::Tightly(memory) = fits(2 * GIB, python(5)) else { panic!("5 of 5 is tight") };
        assert!(memory.to_string().contains("heavy site"), "{memory}");
    }

    proptest! {
        #[test]
        fn what_is_said_to_fit_fits(available in any::<u64>(), users in 1..=10_000_u32, heap in proptest::option::of(1..=65_536_u32)) {
            let need = Need { users, heap_mib: heap };
            match fits(available, need) {
                Fits::Well | Fits::Tightly(_) => prop_assert!(need.mib() <= available / MIB),
                Fits::No(memory) => {
                    prop_assert!(need.mib() > available / MIB);
                    let most = Need { users: memory.users_max, ..need };
                    prop_assert!(memory.users_max == 0 || most.mib() <= available / MIB);
                }
            }
        }
    }
}
