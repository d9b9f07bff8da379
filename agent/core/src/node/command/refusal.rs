//! A message that is no command: why, and what is known of it.

use super::{CommandError, Route};
use crate::base::ids::Ident;

/// A message that is no command, with what could be read of it all the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// What is wrong.
    pub error: CommandError,
    /// Its id.
    pub id: Option<Ident>,
    /// The flood that it names.
    pub flood: Option<Ident>,
    /// The run that it names.
    pub run: Option<u64>,
    /// Whom it is for.
    pub route: Option<Route>,
}

impl Refusal {
    /// Of a message of which nothing else is known, or of which nothing can be trusted.
    #[must_use]
    pub fn of(error: CommandError) -> Self {
        Self { error, id: None, flood: None, run: None, route: None }
    }
}
