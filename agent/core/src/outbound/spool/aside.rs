//! Batches that lie aside, in the quarantine or in `corrupt`: what their names say, and how one comes back.

use super::{CORRUPT, FileName, QUARANTINE, Saved, aside_name, batch_path};
use crate::outbound::delivery::{Amount, BatchAccount};
use std::fmt;

/// A file's name aside: `{run}__{file}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsideName {
    /// Whose it is.
    pub run: String,
    /// Its name in the spool.
    pub file: FileName,
}

/// A file aside, batch or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsideFile {
    /// Its name in the directory.
    pub name: String,
    /// Its size.
    pub bytes: u64,
}

/// Why a batch lies aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsideWhy {
    /// The Drain cannot read it.
    Refused,
    /// The Drain has stored an unknown part of it.
    Uncertain,
    /// The file cannot be read.
    Unreadable,
}

impl AsideName {
    /// `None` for any other name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let (run, file) = name.rsplit_once("__")?;
        let file = FileName::parse(file)?;
        let is_run = !run.is_empty() && !run.contains('/') && run != "." && run != "..";
        is_run.then(|| Self { run: run.to_owned(), file })
    }

    /// Where it goes when it comes back, below the state directory.
    #[must_use]
    pub fn path_in_spool(&self) -> String {
        batch_path(&self.run, &self.file.to_string())
    }
}

impl fmt::Display for AsideName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&aside_name(&self.run, &self.file.to_string()))
    }
}

impl Saved {
    /// Counts a batch as spooled again. Its file is to follow: the name stays in `returning` until it has.
    pub fn take_back(&mut self, name: &AsideName, why: AsideWhy) {
        let amount = Amount { batches: 1, samples: name.file.samples };
        let account: &mut BatchAccount = &mut self.runs.entry(name.run.clone()).or_default().account;
        let from = match why {
            AsideWhy::Refused => &mut account.quarantined,
            AsideWhy::Uncertain => &mut account.uncertain,
            AsideWhy::Unreadable => &mut account.set_aside,
        };
        let known = from.samples >= amount.samples && from.batches > 0;
        if known {
            *from = from.less(amount);
        } else {
            // A run that was forgotten since: its account begins with this batch.
            account.entered = account.entered.plus(amount);
        }
        account.spooled = account.spooled.plus(amount);
        let whole = name.file.whole();
        self.leaving.retain(|leaving| leaving.batch != whole);
        self.gone.retain(|path| *path != name.path_in_spool());
        let dir = if why == AsideWhy::Unreadable { CORRUPT } else { QUARANTINE };
        self.returning.push(format!("{dir}/{name}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::spool::SavedRun;

    const NAME: &str = "1~7.1+2.0__1700000000123-1-3-10-2-of1.2.lp.gz";

    #[test]
    fn a_name_says_whose_it_is_and_leads_nowhere_else() {
        let name = AsideName::parse(NAME).expect("a name");
        assert_eq!(
            (name.run.as_str(), name.file.samples, name.to_string()),
            ("1~7.1+2.0", 10, NAME.to_owned())
        );
        assert_eq!(name.path_in_spool(), "spool/1~7.1+2.0/1700000000123-1-3-10-2-of1.2.lp.gz");
        for other in ["..__1-1-1-1-1.lp.gz", "a/b__1-1-1-1-1.lp.gz", "__1-1-1-1-1.lp.gz", "7.1__x", "7.1", ""]
        {
            assert_eq!(AsideName::parse(other), None, "{other}");
        }
    }

    #[test]
    fn what_comes_back_is_spooled_and_nothing_else() {
        let name = AsideName::parse(NAME).expect("a name");
        let amount = Amount { batches: 2, samples: 15 };
        let account = BatchAccount { entered: amount, uncertain: amount, ..BatchAccount::default() };
        let mut saved = Saved::default();
        saved.runs.insert(name.run.clone(), SavedRun { account, ..SavedRun::default() });
        saved.take_back(&name, AsideWhy::Uncertain);
        let account = saved.runs[&name.run].account;
        assert_eq!((account.uncertain.samples, account.spooled.samples, account.balance()), (5, 10, true));
        assert_eq!(saved.returning, [format!("quarantine/{NAME}")]);
        let mut forgotten = Saved::default();
        forgotten.take_back(&name, AsideWhy::Refused);
        assert!(forgotten.runs[&name.run].account.balance());
    }
}
