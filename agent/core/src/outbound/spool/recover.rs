//! What a start makes of what it finds. Nothing found in the spool keeps an agent from starting; accounts that cannot be
//! read do, for all that is said later would be wrong.

use super::{FileName, LeavingFile, Saved, SavedRun, TEMPORARY, batch_path};
use crate::base::run::RunName;
use crate::base::time::Wall;
use crate::outbound::delivery::{Amount, BatchAccount, BatchId, SpooledBatch};
use std::collections::{BTreeMap, BTreeSet};

/// Content of a small file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileText {
    /// There is none.
    Absent,
    /// There is one.
    Text(Vec<u8>),
    /// There is one, and the system does not give it: why.
    Unreadable(String),
}

/// A name in a run's directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedFile {
    /// Its name.
    pub name: String,
    /// Its size; 0 where it is no file.
    pub bytes: u64,
    /// Whether it is a file.
    pub is_file: bool,
}

/// What the directory `spool` has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// By name of the directory.
    pub runs: BTreeMap<String, Vec<ListedFile>>,
    /// Names beside the directories that are none.
    pub strays: Vec<String>,
    /// Paths of files that are byte by byte what another one is, and of which.
    pub copies: BTreeMap<String, String>,
}

/// A batch that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What its name says, and its size.
    pub batch: SpooledBatch,
    /// Its name.
    pub name: FileName,
}

/// See the module's head.
#[derive(Debug, Default)]
pub struct Recovered {
    /// To be delivered, oldest first.
    pub batches: Vec<Found>,
    /// Empty files under a batch's name: counted as set aside below, to be moved away.
    pub empty: Vec<Found>,
    /// Counted as gone before; their files are still there.
    pub leaving: Vec<(Found, LeavingFile)>,
    /// Paths of what is nobody's: to be moved away, uncounted.
    pub strays: Vec<String>,
    /// Paths of what a crash has left half done: to be removed.
    pub litter: Vec<String>,
    /// Of `litter`, parts of a split that did not happen, by the whole: it must not go before they have.
    pub undone: BTreeMap<BatchId, Vec<String>>,
    /// Accounts of what is gone, with what this start has found out.
    pub runs: BTreeMap<RunName, SavedRun>,
    /// Paths of those that were not there before and are not there now.
    pub gone: Vec<String>,
    /// Those that are there again, by run: they are set aside no longer.
    back: BTreeMap<RunName, Amount>,
    /// Sentences for the log.
    pub remarks: Vec<String>,
}

/// Accounts that are there and say nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the accounts of earlier runs cannot be read ({why}). What is in the spool is unharmed: move this file away to deliver \
     it with accounts that begin anew"
)]
pub struct Unusable {
    /// What is wrong with the file.
    pub why: String,
}

impl Saved {
    /// The content of `counters.json`; none is an empty one.
    ///
    /// # Errors
    /// When it cannot be understood.
    pub fn parse(text: &FileText) -> Result<Self, Unusable> {
        match text {
            FileText::Absent => Ok(Self::default()),
            FileText::Unreadable(why) => Err(Unusable { why: why.clone() }),
            FileText::Text(bytes) => {
                serde_json::from_slice(bytes).map_err(|error| Unusable { why: error.to_string() })
            }
        }
    }
}

/// What of a run lies elsewhere and will come in again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Carried {
    /// Samples.
    pub samples: u64,
    /// Samples of the run that had been counted when it was written, where that is known.
    pub aggregated: u64,
}

/// Whose a batch is that was gone, and what its name says.
pub(in crate::outbound) fn gone_name(path: &str) -> Option<(RunName, FileName)> {
    let (run, file) = path.strip_prefix(super::SPOOL)?.strip_prefix('/')?.split_once('/')?;
    Some((RunName::from(run), FileName::parse(file)?))
}

/// Of a file in the spool: a single line may be beyond a batch's bound, but not by much.
const BYTES_MAX: u64 = 64 << 20;
/// Of one line: a thousand samples a millisecond for an hour, folded into one window.
const SAMPLES_A_LINE_MAX: u128 = 3_600_000_000;
/// Samples that so many compressed bytes can hold: gzip makes a thousandth at best, and a line has its name at least.
fn held_at_most(bytes: u64) -> u128 {
    let lines = u128::from(bytes) * 1_032 / "transaction_rate_mean count=1i".len() as u128;
    // One that is empty is said by its own account.
    if bytes == 0 { u128::MAX } else { (lines + 1) * SAMPLES_A_LINE_MAX }
}

/// Sorts what was found, with what will come in beside it.
#[must_use]
pub fn recover(listing: Listing, saved: &Saved, carried: &BTreeMap<RunName, Carried>) -> Recovered {
    let mut recovered = Recovered { gone: saved.gone.clone(), ..Recovered::default() };
    for name in listing.strays {
        recovered.remarks.push(format!("{name} in the spool is not a run's directory and is set aside"));
        recovered.strays.push(format!("{}/{name}", super::SPOOL));
    }
    let mut named = Vec::new();
    for (run, files) in listing.runs {
        for file in files {
            if let Some(other) = listing.copies.get(&batch_path(&run, &file.name)) {
                recovered.copy(batch_path(&run, &file.name), other);
            } else if let Some(found) = recovered.name(&run, &file) {
                named.push(found);
            }
        }
    }
    // Of two of one number the one is taken whose run is known.
    let is_new = |found: &Found| !saved.runs.contains_key(&*found.batch.run.0);
    named.sort_by_key(|found| (found.batch.created, found.batch.batch, is_new(found)));
    let present = recovered.sort(named, saved);
    recovered.account(saved, &present, carried);
    recovered
}

impl Recovered {
    /// The Drain would keep its points once, and the accounts count them twice.
    fn copy(&mut self, path: String, of: &str) {
        self.remarks.push(format!("{path} is a copy of {of} and is set aside, uncounted"));
        self.strays.push(path);
    }

    fn finished(&mut self, found: &Found) {
        let path = batch_path(&found.batch.run.0, &found.name.to_string());
        self.remarks.push(format!(
            "{path} is there again, although batch {} was delivered, given up or halved, and counted: it is set aside, uncounted",
            found.name.batch
        ));
        self.strays.push(path);
    }

    fn name(&mut self, run: &str, file: &ListedFile) -> Option<Found> {
        let path = batch_path(run, &file.name);
        if file.name.ends_with(TEMPORARY) && file.is_file {
            self.litter.push(path);
            return None;
        }
        let Some(name) = FileName::parse(&file.name).filter(|_| file.is_file) else {
            self.remarks.push(format!("{path} is not a batch and is set aside"));
            self.strays.push(path);
            return None;
        };
        if file.bytes > BYTES_MAX || u128::from(name.samples) > held_at_most(file.bytes) {
            self.remarks.push(format!(
                "{path} cannot be a batch ({} bytes, {} samples by its name) and is set aside, uncounted",
                file.bytes, name.samples
            ));
            self.strays.push(path);
            return None;
        }
        let batch = SpooledBatch {
            batch: name.batch,
            run: RunName::from(run),
            bytes: file.bytes,
            points: name.points,
            samples: name.samples,
            created: Wall(name.created_ms.saturating_mul(1_000_000)),
        };
        Some(Found { batch, name })
    }

    /// Gives, for each run, what `saved` knew to be in the spool and still is.
    fn sort(&mut self, named: Vec<Found>, saved: &Saved) -> BTreeMap<RunName, Amount> {
        let leaving: BTreeMap<&str, &LeavingFile> =
            saved.leaving.iter().map(|leaving| (leaving.batch.as_str(), leaving)).collect();
        let (named, back) = named.into_iter().partition::<Vec<_>, _>(|found| {
            let is_leaving = leaving.contains_key(found.name.whole().as_str());
            is_leaving || !saved.finished.has(found.name.batch)
        });
        back.into_iter().for_each(|found| self.finished(&found));
        let there: BTreeSet<BatchId> = named.iter().map(|found| found.name.batch).collect();
        let mut seen = BTreeSet::new();
        let mut present = BTreeMap::<RunName, Amount>::new();
        for found in named {
            let (id, run) = (found.batch.batch, found.batch.run.clone());
            let path = batch_path(&run.0, &found.name.to_string());
            let whole = found.name.whole();
            if let Some(parent) = found.name.parent.filter(|parent| there.contains(parent)) {
                self.undone.entry(parent).or_default().push(path.clone());
                self.litter.push(path);
                continue;
            }
            if !seen.insert(id) {
                self.remarks.push(format!("{path} has the number of another batch and is set aside"));
                self.strays.push(path);
                continue;
            }
            if let Some(&leaving) = leaving.get(whole.as_str()) {
                self.leaving.push((found, leaving.clone()));
                continue;
            }
            // A whole is split only after it was counted: its parts stand for it.
            let known = saved.knew(id) || found.name.parent.is_some_and(|parent| saved.knew(parent));
            let amount = Amount { batches: 1, samples: found.batch.samples };
            if self.is_back(&found, known) {
                let sum = self.back.entry(run).or_default();
                *sum = sum.plus(amount);
            } else if known {
                let sum = present.entry(run).or_default();
                *sum = sum.plus(amount);
            }
            if found.batch.bytes == 0 {
                self.remarks.push(format!("{path} is empty: its {} samples are set aside", amount.samples));
                let account = &mut self.runs.entry(found.batch.run.clone()).or_default().account;
                account.set_aside = account.set_aside.plus(amount);
                self.empty.push(found);
            } else {
                self.batches.push(found);
            }
        }
        present
    }

    /// Whether it was not there when it was to be read: by its name, or, under a number that no batch has had, by the rest of it.
    fn is_back(&mut self, found: &Found, known: bool) -> bool {
        let path = batch_path(&found.batch.run.0, &found.name.to_string());
        let alike = |path: &String| {
            gone_name(path).is_some_and(|(run, name)| {
                let same = FileName { batch: found.name.batch, ..name };
                run == found.batch.run && same == found.name
            })
        };
        let exact = self.gone.iter().position(|gone| *gone == path);
        let at = exact.or_else(|| self.gone.iter().position(alike).filter(|_| !known));
        at.map(|at| self.gone.remove(at)).is_some()
    }

    fn account(
        &mut self,
        saved: &Saved,
        present: &BTreeMap<RunName, Amount>,
        carried: &BTreeMap<RunName, Carried>,
    ) {
        let mut spooled = BTreeMap::<RunName, Amount>::new();
        for found in &self.batches {
            let sum = spooled.entry(found.batch.run.clone()).or_default();
            *sum = sum.plus(Amount { batches: 1, samples: found.batch.samples });
        }
        for (name, before) in &saved.runs {
            let name = RunName::from(name.as_str());
            let run = self.runs.entry(name.clone()).or_default();
            let BatchAccount { set_aside, .. } = run.account;
            run.account = before.account;
            let back = self.back.get(&name).copied().unwrap_or_default();
            run.account.set_aside = run.account.set_aside.less(back).plus(set_aside);
            if back.samples > 0 {
                self.remarks.push(format!(
                    "run {name}: {} samples in files that were gone are there again, and set aside no longer",
                    back.samples
                ));
            }
            run.aggregated = before.aggregated;
            run.lost_restart = before.lost_restart;
            let here = present.get(&name).copied().unwrap_or_default();
            let missing = before.account.spooled.less(here);
            if missing.samples > 0 {
                run.account.unexplained = run.account.unexplained.plus(missing);
                self.remarks.push(format!(
                    "run {name}: {} samples that were in the spool are not there any more, and no account says why \
                     (unexplained)",
                    missing.samples
                ));
            }
        }
        for name in carried.keys() {
            self.runs.entry(name.clone()).or_default();
        }
        for (name, run) in &mut self.runs {
            run.account.spooled = spooled.get(name).copied().unwrap_or_default();
            let known = run.accounted_for();
            let to_come = carried.get(name).copied().unwrap_or_default();
            run.aggregated = run.aggregated.max(to_come.aggregated);
            let in_all = known.saturating_add(to_come.samples);
            // A start that could not see what was left in memory has called it lost.
            let back = in_all.saturating_sub(run.aggregated).min(run.lost_restart);
            if back > 0 {
                run.lost_restart -= back;
                self.remarks.push(format!(
                    "run {name}: {back} samples that an earlier start had counted as lost_restart are found again"
                ));
            }
            let known = known - back;
            let lost = run.aggregated.saturating_sub(in_all);
            run.aggregated = run.aggregated.max(known);
            if lost > 0 {
                run.lost_restart += lost;
                self.remarks.push(format!(
                    "run {name}: {lost} samples were counted and not yet durable when the agent was killed (lost_restart)"
                ));
            }
        }
    }
}
