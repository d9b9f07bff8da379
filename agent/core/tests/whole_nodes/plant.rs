//! Mistakes that the checker has to find.

/// Mistakes that a shell could make, or a core.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plant {
    Nothing,
    /// A snapshot outlives the close of its window.
    SnapshotStays,
    ReleasedNever,
    CarriedUnseen,
    /// After a step of the clock, what is emitted of a window once more has the part number of the first time.
    PartReused,
    /// A start takes over what the process before last had left, too.
    SnapshotOfBefore,
    /// Two starts have one number.
    SameIncarnation,
    HandedOverTwice,
    /// A process that wakes up closes a window twice.
    ClosedTwice,
    /// What is late counts in the window after its own.
    LateElsewhere,
    /// Batches are not synced before they have their names.
    NoSync,
    /// Directories are never synced.
    NoSyncDir,
    /// A start does not know how many samples had been counted.
    CountForgotten,
}

impl Plant {
    pub const ALL: [Self; 12] = [
        Self::SnapshotStays,
        Self::ReleasedNever,
        Self::CarriedUnseen,
        Self::PartReused,
        Self::SnapshotOfBefore,
        Self::SameIncarnation,
        Self::HandedOverTwice,
        Self::ClosedTwice,
        Self::LateElsewhere,
        Self::NoSync,
        Self::NoSyncDir,
        Self::CountForgotten,
    ];
}
