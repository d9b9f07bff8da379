//! The journal on disk: a thread of its own, so that a command never waits behind a window on its way to the spool.
//!
//! Lines that wait are written and synced together. After a failure nothing more is written until a rewrite has
//! succeeded: a line after a gap could tell a later agent something that never was.
//!
//! Layout: `journal` in the state directory; its text is `core::node::journal_text`'s.

use crate::data::spool::write_durably;
use gridnode_core::node::{Input, journal_text};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use tokio::sync::mpsc;

/// Jobs on their way to the thread: the core has a handful under way, and a flood of messages some hundreds.
const JOBS_MAX: usize = 4_096;
/// Lines written with one sync.
const LINES_MAX: usize = 256;
/// The largest journal that is read: the caps of the core's state add up to some 20 MiB.
const JOURNAL_BYTES_MAX: u64 = 256 << 20;

/// What is to be written.
#[derive(Debug)]
enum Job {
    Append { seq: u64, line: String },
    Rewrite { seq: u64, text: String },
}

/// The driver's end.
#[derive(Debug)]
pub(super) struct JournalFile {
    jobs: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
    /// A job was turned away, so those after it must fail, too.
    gap: bool,
}

/// Reads what the journal says; a missing one is a first start.
pub(super) fn read(state_dir: &Path) -> anyhow::Result<journal_text::Restored> {
    let path = path_in(state_dir);
    let bytes = match std::fs::metadata(&path) {
        Ok(meta) if meta.len() > JOURNAL_BYTES_MAX => {
            anyhow::bail!("the journal {} has {} bytes: it is not one of ours", path.display(), meta.len())
        }
        Ok(_) => std::fs::read(&path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    };
    let bytes = bytes.map_err(|error| anyhow::anyhow!("failed to read {}: {error}", path.display()))?;
    journal_text::read(&bytes).map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))
}

impl JournalFile {
    /// Starts the thread. Answers are [`Input::Stored`] and [`Input::StoreFailed`]; the receiver must be read.
    pub(super) fn start(state_dir: &Path) -> io::Result<(Self, mpsc::Receiver<Input>)> {
        let (jobs, inbox) = sync_channel(JOBS_MAX);
        let (answers, answered) = mpsc::channel(LINES_MAX);
        let writer = Writer { path: path_in(state_dir), file: None };
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || writer.run(&inbox, &answers))?;
        Ok((Self { jobs: Some(jobs), thread: Some(thread), gap: false }, answered))
    }

    /// Appends a line; `Some` is an answer that has come already.
    pub(super) fn append(&mut self, seq: u64, line: String) -> Option<Input> {
        if self.gap {
            return Some(failed(seq, "a line before it was not written"));
        }
        self.submit(seq, Job::Append { seq, line })
    }

    /// Replaces the whole file; `Some` is an answer that has come already.
    pub(super) fn rewrite(&mut self, seq: u64, text: String) -> Option<Input> {
        self.gap = false;
        self.submit(seq, Job::Rewrite { seq, text })
    }

    /// Lets the thread finish and joins it. Blocks; drop or drain the receiver first.
    pub(super) fn stop(mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }

    fn submit(&mut self, seq: u64, job: Job) -> Option<Input> {
        let sent = self.jobs.as_ref().is_some_and(|jobs| jobs.try_send(job).is_ok());
        self.gap = !sent;
        (!sent).then(|| failed(seq, "too much waits for the disk"))
    }
}

struct Writer {
    path: PathBuf,
    /// Open for appending; `None` before the first rewrite and after a failure.
    file: Option<File>,
}

impl Writer {
    fn run(mut self, inbox: &Receiver<Job>, answers: &mpsc::Sender<Input>) {
        let mut next = inbox.recv().ok();
        while let Some(job) = next.take() {
            let (seqs, result) = match job {
                Job::Rewrite { seq, text } => (vec![seq], self.rewrite(&text)),
                Job::Append { seq, line } => {
                    let (mut seqs, mut lines) = (vec![seq], line);
                    while seqs.len() < LINES_MAX {
                        match inbox.try_recv() {
                            Ok(Job::Append { seq, line }) => {
                                seqs.push(seq);
                                lines.push_str(&line);
                            }
                            Ok(rewrite) => {
                                next = Some(rewrite);
                                break;
                            }
                            Err(_) => break,
                        }
                    }
                    (seqs, self.append(&lines))
                }
            };
            for seq in seqs {
                let answer = match &result {
                    Ok(()) => Input::Stored { seq },
                    Err(why) => failed(seq, why),
                };
                if answers.blocking_send(answer).is_err() {
                    // Nobody listens any more; what waits is written all the same.
                    break;
                }
            }
            next = next.or_else(|| inbox.recv().ok());
        }
    }

    fn rewrite(&mut self, text: &str) -> Result<(), String> {
        self.file = None;
        write_durably(&self.path, text.as_bytes()).map_err(|error| error.to_string())?;
        let file = OpenOptions::new().append(true).open(&self.path);
        self.file = Some(file.map_err(|error| self.sentence(&error))?);
        Ok(())
    }

    fn append(&mut self, lines: &str) -> Result<(), String> {
        let Some(mut file) = self.file.take() else {
            return Err("an earlier write failed".to_owned());
        };
        // Taken out and put back: after a failure the file's end is unknown.
        let written = file.write_all(lines.as_bytes()).and_then(|()| file.sync_data());
        written.map_err(|error| self.sentence(&error))?;
        self.file = Some(file);
        Ok(())
    }

    fn sentence(&self, error: &io::Error) -> String {
        format!("failed to write {}: {error}", self.path.display())
    }
}

fn path_in(state_dir: &Path) -> PathBuf {
    state_dir.join("journal")
}

fn failed(seq: u64, why: &str) -> Input {
    Input::StoreFailed { seq, why: why.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(answer: &Input) -> (u64, bool) {
        match answer {
            Input::Stored { seq } => (*seq, true),
            Input::StoreFailed { seq, .. } => (*seq, false),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn nothing_is_written_after_a_failure_until_a_rewrite() {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("state");
        let (mut journal, mut answers) = JournalFile::start(&state).unwrap();
        let mut next = || word(&answers.blocking_recv().unwrap());
        // Before the first rewrite there is no file, and now not even a directory.
        assert!(journal.append(1, "early\n".to_owned()).is_none());
        assert_eq!(next(), (1, false));
        assert!(journal.rewrite(2, "head\n".to_owned()).is_none());
        assert_eq!(next(), (2, false));
        std::fs::create_dir(&state).unwrap();
        assert!(journal.append(3, "late\n".to_owned()).is_none());
        assert_eq!(next(), (3, false));
        assert!(journal.rewrite(4, "head\n".to_owned()).is_none());
        assert!(journal.append(5, "a\n".to_owned()).is_none());
        assert!(journal.append(6, "b\n".to_owned()).is_none());
        assert_eq!([next(), next(), next()], [(4, true), (5, true), (6, true)]);
        assert!(journal.rewrite(7, "new\n".to_owned()).is_none());
        assert!(journal.append(8, "c\n".to_owned()).is_none());
        assert_eq!([next(), next()], [(7, true), (8, true)]);
        journal.stop();
        assert_eq!(std::fs::read_to_string(path_in(&state)).unwrap(), "new\nc\n");
    }

    #[test]
    fn a_newer_journal_is_refused_with_its_place() {
        let dir = tempfile::tempdir().unwrap();
        assert!(read(dir.path()).is_ok(), "a first start");
        std::fs::write(path_in(dir.path()), "gridnode-journal 999\n").unwrap();
        let error = read(dir.path()).unwrap_err().to_string();
        assert!(error.contains("journal") && error.contains("999"), "{error}");
    }
}
