//! What a person can do about an error, beside what went wrong.

use std::fmt;

/// What to do about an error: attach it with `error.context(Advice::new("…"))` or `.context(…)` on a result.
///
/// It shows as a line of its own, whatever else is in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice(String);

impl Advice {
    /// A sentence in the imperative, without a full stop.
    pub fn new(what_to_do: impl Into<String>) -> Self {
        Self(what_to_do.into())
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
