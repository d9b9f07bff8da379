//! Points in time as arguments: the core never reads a clock.
//!
//! Order and deadlines use [`Mono`] (it never steps); event time and window edges use [`Wall`] (it may).

/// Nanoseconds of the monotonic clock, since an origin that only this process knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Mono(pub u64);

/// Nanoseconds since the Unix epoch, by the wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Wall(pub i64);

/// One reading of both clocks, taken together by the shell's `clock` module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Now {
    /// The monotonic clock.
    pub mono: Mono,
    /// The wall clock.
    pub wall: Wall,
}

/// Nanoseconds in a second.
pub const NS_PER_S: u64 = 1_000_000_000;
/// Nanoseconds in a millisecond.
pub const NS_PER_MS: u64 = 1_000_000;

impl Mono {
    /// This point plus `ns`, saturating.
    #[must_use]
    pub fn plus_ns(self, ns: u64) -> Self {
        Self(self.0.saturating_add(ns))
    }

    /// Nanoseconds from `earlier` to this point, 0 if `earlier` is later.
    #[must_use]
    pub fn since_ns(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl Now {
    /// Both clocks moved on by `ns`; for tests and simulators.
    #[must_use]
    pub fn plus_ns(self, ns: u64) -> Self {
        Self { mono: self.mono.plus_ns(ns), wall: Wall(self.wall.0.saturating_add_unsigned(ns)) }
    }
}
