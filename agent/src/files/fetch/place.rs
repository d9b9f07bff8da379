//! From the cache into the run's directory: copies, hashed on the way; archives are unpacked.
//!
//! The run gets copies and never links: a tool may write to its files, and the cache is everybody's. All of this waits
//! for the disk and runs on a blocking thread; a cancellation is heard after each chunk.

use super::hashing::{Copied, copy};
use super::{Phase, Progress};
use crate::files::archive::{Allowance, Stopped, Target, unpack};
use crate::files::cache::Pin;
use crate::files::error::FetchError;
use crate::files::names::Names;
use crate::files::staging::Staging;
use gridnode_core::node::command::{FileName, FileRef};
use std::fs::File;
use std::io::Seek;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// One pass over all files of a run.
#[derive(Debug)]
pub(super) struct Placing {
    pub(super) files: Vec<(FileRef, Arc<Pin>)>,
    pub(super) plan: FileName,
    pub(super) staging: Staging,
    pub(super) allowance: Allowance,
    pub(super) cancel: CancellationToken,
    pub(super) progress: watch::Sender<Progress>,
}

/// How it ended.
#[derive(Debug)]
pub(super) enum Placed {
    /// The directory has its final name.
    Complete {
        /// Files in it.
        files: usize,
    },
    /// The cache's copies of these files are not what they were.
    Corrupt(Vec<(FileRef, Arc<Pin>)>),
}

impl Placing {
    pub(super) fn run(mut self) -> Result<Placed, FetchError> {
        self.progress.send_modify(|progress| {
            progress.phase = Phase::Placing;
            (progress.unpacked_files, progress.unpacked_bytes) = (0, 0);
        });
        let files = std::mem::take(&mut self.files);
        let (mut names, mut corrupt) = (Names::default(), Vec::new());
        // Plain files first, so that it is the archive that is told of a collision.
        let (archives, plain): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|(file, _)| file.name.is_archive());
        for (file, pin) in plain {
            let taken = names.file(&file.name);
            taken.map_err(|why| FetchError::Conflict { name: file.name.clone(), why })?;
            if !self.copy(&file, &pin)? {
                corrupt.push((file, pin));
            }
        }
        for (file, pin) in archives {
            match self.proven(&file, &pin)? {
                Some(archive) => self.unpack(archive, &file.name, &mut names)?,
                None => corrupt.push((file, pin)),
            }
        }
        if !corrupt.is_empty() {
            return Ok(Placed::Corrupt(corrupt));
        }
        // A plan may be a directory of sources.
        if !names.has(&self.plan) {
            return Err(FetchError::NoPlan { there: names.some(&self.plan), plan: self.plan });
        }
        if self.cancel.is_cancelled() {
            return Err(FetchError::Cancelled);
        }
        self.staging.publish()?;
        self.progress.send_modify(|progress| progress.phase = Phase::Done);
        Ok(Placed::Complete { files: names.files() })
    }

    /// False when the cache's file is not there or not what it was.
    fn copy(&self, file: &FileRef, pin: &Pin) -> Result<bool, FetchError> {
        let failed = |e| FetchError::io("write", &self.staging.shown(&file.name), e);
        let Ok(mut from) = pin.open() else { return Ok(false) };
        let mut to = self.staging.create(&file.name).map_err(failed)?;
        judge(copy(&mut from, &mut to, &self.cancel), pin, &self.staging.shown(&file.name))
    }

    /// The cache's file, when it is what it was.
    fn proven(&self, file: &FileRef, pin: &Pin) -> Result<Option<File>, FetchError> {
        let Ok(mut from) = pin.open() else { return Ok(None) };
        let read = copy(&mut from, &mut std::io::sink(), &self.cancel);
        let right = judge(read, pin, &self.staging.shown(&file.name))?;
        Ok((right && from.rewind().is_ok()).then_some(from))
    }

    fn unpack(&mut self, archive: File, name: &FileName, names: &mut Names) -> Result<(), FetchError> {
        let dir = name.as_str().rfind('/').map_or("", |at| &name.as_str()[..=at]);
        let target = Target { staging: &self.staging, dir, cancel: &self.cancel };
        let mut wrote = |files: u32, bytes: u64| {
            self.progress.send_modify(|progress| {
                progress.unpacked_files += files;
                progress.unpacked_bytes += bytes;
            });
        };
        unpack(archive, &target, names, &mut self.allowance, &mut wrote).map_err(|stopped| match stopped {
            Stopped::Fault(fault) => FetchError::Archive { name: name.clone(), fault },
            Stopped::Failed(error) => error,
        })
    }
}

fn judge(copied: Copied, pin: &Pin, to: &Path) -> Result<bool, FetchError> {
    match copied {
        Copied::Whole(digest, bytes) => Ok(digest == pin.digest() && bytes == pin.bytes()),
        Copied::Unreadable(error) => {
            tracing::warn!(%error, digest = %pin.digest(), "a file of the cache cannot be read");
            Ok(false)
        }
        Copied::Unwritable(error) => Err(FetchError::io("write", to, error)),
        Copied::Cancelled => Err(FetchError::Cancelled),
    }
}
