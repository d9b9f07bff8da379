//! One key a run, of one secret of the process: what hides a value in a run's traces, in its receipt and in its plug-in gives the same mark,
//! and marks of two runs have nothing in common.

use super::Redactor;
use ring::hmac;
use std::fmt;

/// Makes the redactor of each run. Its secret is in memory alone and lasts as long as the process.
pub struct RunRedactors {
    secret: hmac::Key,
    more_names: Vec<String>,
}

impl RunRedactors {
    /// Of a secret that nobody can guess, and names of secrets beside the usual ones.
    #[must_use]
    pub fn new(secret: &[u8], more_names: &[String]) -> Self {
        Self { secret: hmac::Key::new(hmac::HMAC_SHA256, secret), more_names: more_names.to_vec() }
    }

    /// The key of a run, for its plug-in; 32 bytes.
    #[must_use]
    pub fn key(&self, flood: &str, run: u64) -> Vec<u8> {
        // No identifier has a line break.
        hmac::sign(&self.secret, format!("{flood}\n{run}").as_bytes()).as_ref().to_vec()
    }

    /// What hides by that key.
    #[must_use]
    pub fn of(&self, flood: &str, run: u64) -> Redactor {
        Redactor::new(&self.key(flood, run), &self.more_names)
    }
}

impl fmt::Debug for RunRedactors {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("RunRedactors(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_one_mark_in_a_run_and_another_in_the_next() {
        let redactors = RunRedactors::new(b"secret", &["iban".to_owned()]);
        let mark =
            |redactors: &RunRedactors, flood, run| redactors.of(flood, run).text("iban=x7&password=hunter2");
        let first = mark(&redactors, "7", 1);
        assert_eq!(first.matches("‹redacted:").count(), 2, "{first}");
        assert_eq!(
            first,
            Redactor::new(&redactors.key("7", 1), &["iban".to_owned()]).text("iban=x7&password=hunter2")
        );
        assert_ne!(first, mark(&redactors, "7", 2));
        assert_ne!(first, mark(&redactors, "71", 1));
        assert_ne!(first, mark(&RunRedactors::new(b"another", &["iban".to_owned()]), "7", 1));
        assert_eq!(format!("{redactors:?}"), "RunRedactors(…)");
    }
}
