//! What a start takes over from a process that was killed.

use super::gone::Gone;
use super::layout::{self, Placed};
use super::{CLOSED, Carry, ClosedFile, Mark, OPEN, list, read_file};
use crate::data::run_name::run_name;
use gridnode_core::base::run::RunName;
use gridnode_core::measure::ingest::{ClosedWindow, WindowKey, read_snapshot};
use gridnode_core::measure::ledger::SampleAccount;
use gridnode_core::outbound::pack::{self, Packed};
use gridnode_core::rollup::{Rollup, RollupSettings};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A batch to be delivered.
#[derive(Debug)]
pub struct Carried {
    /// Whose.
    pub run: RunName,
    /// It.
    pub packed: Packed,
    /// Where it is until it is durable; `None` where there is no room.
    pub mark: Option<Mark>,
}

/// See the module's head.
#[derive(Debug, Default)]
pub struct Found {
    /// In the order of their windows.
    pub batches: Vec<Carried>,
    /// Samples that were counted when a snapshot was taken, by run.
    pub aggregated: BTreeMap<RunName, u64>,
    /// Files that have said so, until the accounts do.
    pub said: Vec<PathBuf>,
    /// Sentences for the log.
    pub remarks: Vec<String>,
}

impl Carry {
    /// Takes over what is there. `is_known` says of a batch whether the spool has it already, or the accounts know what became of it.
    #[must_use]
    pub fn take_over(&self, rollup: &RollupSettings, is_known: impl Fn(&RunName, &Packed) -> bool) -> Found {
        let mut found = Found::default();
        let mut covered = BTreeSet::new();
        let mut open = BTreeMap::new();
        for (key, what) in list(&self.dir) {
            let path = self.path(key, &what);
            if self.gone.has(&path) {
                continue;
            }
            let is_whole = [CLOSED, OPEN].contains(&what.as_str());
            let bytes = if is_whole { read_file(&path) } else { Ok(Vec::new()) };
            let bytes = match bytes {
                Ok(bytes) => bytes,
                Err(error) => {
                    match fs::symlink_metadata(&path).is_ok_and(|there| there.is_file()) {
                        true => found.unread(&path, &error),
                        false => found.unusable(&path, &error.to_string()),
                    }
                    continue;
                }
            };
            match what.as_str() {
                CLOSED => match closed(&path, &bytes, &self.gone) {
                    Ok((head, batches, file)) => {
                        covered.extend(head.covers);
                        let run = RunName::from(head.run.as_str());
                        for Placed { at, packed, .. } in batches {
                            let mark = Mark::of(&file, at);
                            match is_known(&run, &packed) {
                                true => mark.release(),
                                false => {
                                    found.batches.push(Carried { run: run.clone(), packed, mark: Some(mark) })
                                }
                            }
                        }
                    }
                    Err(why) => found.unusable(&path, &why),
                },
                // It could not be removed when its window was closed.
                OPEN if bytes.is_empty() => drop(fs::remove_file(&path)),
                OPEN => match read_snapshot(&bytes) {
                    Ok((own, window)) if own == key => drop(open.insert(key, window)),
                    Ok(_) => found.unusable(&path, "it has another's name"),
                    Err(why) => found.unusable(&path, &why),
                },
                // Half done.
                _ => drop(fs::remove_file(&path)),
            }
        }
        for key in &covered {
            if open.remove(key).is_some() {
                self.gone.remove(&self.path(*key, OPEN));
            }
        }
        let (told, files) = self.read_told();
        found.said = files;
        for (run, total) in &told {
            found.counted(run, total.aggregated);
        }
        self.close_what_was_open(open, &told, rollup, &mut found);
        found.say();
        found
    }

    fn close_what_was_open(
        &self,
        open: BTreeMap<WindowKey, ClosedWindow>,
        told: &BTreeMap<RunName, SampleAccount>,
        rollup: &RollupSettings,
        found: &mut Found,
    ) {
        // Each snapshot has the run's account as it was then: it goes with the newest.
        let mut newest = BTreeMap::new();
        for key in open.keys() {
            let run = (key.incarnation, key.run);
            newest
                .entry(run)
                .and_modify(|newest: &mut WindowKey| *newest = (*newest).max(*key))
                .or_insert(*key);
        }
        for (key, mut window) in open {
            let name = run_name(&window.identity, u64::from(key.incarnation), key.run);
            if let Some(account) = &mut window.account {
                // It may be older than what has been said since.
                account.before = told.get(&name).copied().unwrap_or(account.before);
                found.counted(&name, account.total.aggregated);
            }
            if newest.get(&(key.incarnation, key.run)) != Some(&key) {
                window.account = None;
            }
            self.close_one(&name, key, &window, rollup, found);
        }
    }

    fn close_one(
        &self,
        name: &RunName,
        key: WindowKey,
        window: &ClosedWindow,
        rollup: &RollupSettings,
        found: &mut Found,
    ) {
        let settings = RollupSettings { incarnation: u64::from(key.incarnation), ..rollup.clone() };
        let mut rollup = Rollup::new(&settings, window);
        let batches: Vec<Packed> = std::iter::from_fn(|| rollup.next_batch())
            .flat_map(|batch| pack::pack(&batch.body, batch.samples))
            .collect();
        let carried = |(packed, mark)| Carried { run: name.clone(), packed, mark };
        match self.write(name, key, &batches) {
            Ok(placed) => {
                found.batches.extend(placed.into_iter().map(|(packed, mark)| carried((packed, Some(mark)))));
            }
            Err(_) => {
                self.gone.remove(&self.path(key, OPEN));
                found.batches.extend(batches.into_iter().map(|packed| carried((packed, None))));
            }
        }
    }

    fn write(
        &self,
        name: &RunName,
        key: WindowKey,
        batches: &[Packed],
    ) -> std::io::Result<Vec<(Packed, Mark)>> {
        let mut writing = self.begin_for(&name.0, vec![key])?;
        batches.iter().try_for_each(|packed| writing.add(packed))?;
        writing.finish()?.collect()
    }
}

impl Found {
    fn counted(&mut self, run: &RunName, aggregated: u64) {
        let counted = self.aggregated.entry(run.clone()).or_default();
        *counted = (*counted).max(aggregated);
    }

    /// It is as good as ever: a start that can read it takes it over.
    fn unread(&mut self, path: &Path, error: &std::io::Error) {
        self.remarks.push(format!(
            "{} cannot be read now ({error}): what was in that window when the agent was killed counts as lost until a start can read it",
            path.display()
        ));
    }

    fn unusable(&mut self, path: &Path, why: &str) {
        self.remarks.push(format!(
            "{} cannot be read ({why}): what was in that window when the agent was killed is lost, counted",
            path.display()
        ));
        let _ = fs::remove_file(path);
    }

    fn say(&mut self) {
        let mut runs = BTreeMap::<RunName, u64>::new();
        for carried in &self.batches {
            *runs.entry(carried.run.clone()).or_default() += carried.packed.samples;
        }
        let said = runs.into_iter().filter(|(_, samples)| *samples > 0).map(|(run, samples)| {
            format!(
                "run {run}: {samples} samples that an earlier process has left in memory files are taken over"
            )
        });
        self.remarks.extend(said);
    }
}

type Closed = (layout::Head, Vec<Placed>, std::sync::Arc<ClosedFile>);

/// What is wanted yet of a file.
fn closed(path: &Path, bytes: &[u8], gone: &Gone) -> Result<Closed, String> {
    let (head, batches) = layout::read(bytes)?;
    let wanted: Vec<Placed> = batches.into_iter().filter(|placed| placed.is_wanted).collect();
    let file = ClosedFile::found(path.to_owned(), wanted.len(), gone).map_err(|error| error.to_string())?;
    if wanted.is_empty() {
        gone.remove(path);
    }
    Ok((head, wanted, file))
}
