//! Mistakes that a checker has to find.

/// Mistakes that a shell could make, or a machine that asks for too little.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plant {
    Nothing,
    NoSync,
    NoSyncDir,
    RenameBeforeSync,
    UnlinkAtOnce,
    NoUnlink,
    FailureIsSuccess,
    SilenceIsStored,
    AccountsNotSaved,
    NumbersAgain,
    ListingForgets,
    UnlinkFirst,
    FullIsDone,
    ReleasedNever,
    ReleasedAtOnce,
    CarriedUnseen,
    ReleasedUnseen,
    LeftIsForgotten,
    FinishedForgotten,
    NothingProven,
}

impl Plant {
    pub const ALL: [Self; 19] = [
        Self::NoSync,
        Self::NoSyncDir,
        Self::RenameBeforeSync,
        Self::UnlinkAtOnce,
        Self::NoUnlink,
        Self::FailureIsSuccess,
        Self::SilenceIsStored,
        Self::AccountsNotSaved,
        Self::NumbersAgain,
        Self::ListingForgets,
        Self::UnlinkFirst,
        Self::FullIsDone,
        Self::ReleasedNever,
        Self::ReleasedAtOnce,
        Self::CarriedUnseen,
        Self::ReleasedUnseen,
        Self::LeftIsForgotten,
        Self::FinishedForgotten,
        Self::NothingProven,
    ];
}
