//! The batches of a closed window, until each is durable or counted as given up.

use super::gone::Gone;
use super::layout::{self, Head};
use super::{CLOSED, CLOSED_UNFINISHED, Carry, OPEN};
use gridnode_core::measure::ingest::{ClosedWindow, WindowKey};
use gridnode_core::outbound::pack::Packed;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The file; it goes when nothing in it is wanted any more.
#[derive(Debug)]
pub struct ClosedFile {
    path: PathBuf,
    file: File,
    gone: Gone,
    wanted: AtomicUsize,
}

/// One batch in it.
#[derive(Debug, Clone)]
pub struct Mark {
    file: Arc<ClosedFile>,
    at: u64,
}

/// The batches of a file, read back in their order.
pub type Placed = Box<dyn Iterator<Item = io::Result<(Packed, Mark)>>>;

/// One that is being written.
pub struct Writing<'a> {
    carry: &'a Carry,
    covers: Vec<WindowKey>,
    unfinished: PathBuf,
    path: PathBuf,
    file: File,
    /// Where each batch begins, and the rest of it but for the body.
    batches: Vec<(u64, u32, u64, usize)>,
    end: u64,
}

impl Carry {
    /// Begins the file of a window, in place of the snapshots of it and of those that were folded into it.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn begin(&self, run: &str, window: &ClosedWindow) -> io::Result<Writing<'_>> {
        let own = self.key(window.run, window.start_ns, window.part_n);
        let folded = window.covers.iter().map(|(start_ns, part_n)| self.key(window.run, *start_ns, *part_n));
        let covers: Vec<_> = std::iter::once(own).chain(folded).collect();
        // Whatever comes of it, the window is open no longer: its batches are on their way.
        self.begin_for(run, covers.clone()).inspect_err(|_| self.forget_open(&covers))
    }

    fn forget_open(&self, covers: &[WindowKey]) {
        covers.iter().for_each(|key| self.gone.remove(&self.path(*key, OPEN)));
    }

    pub(super) fn begin_for(&self, run: &str, covers: Vec<WindowKey>) -> io::Result<Writing<'_>> {
        let own = covers.first().copied().ok_or(io::ErrorKind::InvalidInput)?;
        let (path, unfinished) = (self.path(own, CLOSED), self.path(own, CLOSED_UNFINISHED));
        self.make()?;
        let _ = fs::remove_file(&unfinished);
        let options = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).to_owned();
        let mut file = options.open(&unfinished)?;
        let head = layout::head(&Head { run: run.to_owned(), covers: covers.clone() });
        file.write_all(&head)?;
        let end = head.len() as u64;
        Ok(Writing { carry: self, covers, unfinished, path, file, batches: Vec::new(), end })
    }
}

impl Writing<'_> {
    /// Adds a batch.
    ///
    /// # Errors
    /// When memory is full.
    pub fn add(&mut self, packed: &Packed) -> io::Result<()> {
        let head = layout::batch_head(packed);
        self.file.write_all(&head)?;
        self.file.write_all(&packed.body)?;
        self.batches.push((self.end, packed.points, packed.samples, packed.body.len()));
        self.end += (head.len() + packed.body.len()) as u64;
        Ok(())
    }

    /// From here on the batches stand for the window; gives them in their order.
    ///
    /// # Errors
    /// When the file cannot get its name.
    pub fn finish(self) -> io::Result<Placed> {
        let renamed = fs::rename(&self.unfinished, &self.path);
        self.carry.forget_open(&self.covers);
        renamed?;
        let wanted = AtomicUsize::new(self.batches.len());
        let file =
            Arc::new(ClosedFile { path: self.path, file: self.file, gone: self.carry.gone.clone(), wanted });
        if self.batches.is_empty() {
            file.gone.remove(&file.path);
        }
        Ok(Box::new(self.batches.into_iter().map(move |(at, points, samples, length)| {
            let mut body = vec![0; length];
            file.file.read_exact_at(&mut body, at + layout::BATCH_HEAD_BYTES as u64)?;
            let mark = Mark { file: Arc::clone(&file), at };
            Ok((Packed { body: body.into(), points, samples }, mark))
        })))
    }

    /// There was no room.
    pub fn give_up(self) {
        let _ = fs::remove_file(&self.unfinished);
        self.carry.forget_open(&self.covers);
    }
}

impl ClosedFile {
    /// One that a start has found, with so many batches that are wanted.
    pub(super) fn found(path: PathBuf, wanted: usize, gone: &Gone) -> io::Result<Arc<Self>> {
        let file = OpenOptions::new().read(true).write(true).open(&path)?;
        Ok(Arc::new(Self { path, file, gone: gone.clone(), wanted: AtomicUsize::new(wanted) }))
    }
}

impl Mark {
    pub(super) fn of(file: &Arc<ClosedFile>, at: u64) -> Self {
        Self { file: Arc::clone(file), at }
    }

    /// The batch is wanted no longer.
    pub fn release(&self) {
        // Should it fail, the next start knows the batch by its bytes, or counts it twice: memory does not fail.
        let _ = self.file.file.write_all_at(&[0], self.at);
        if self.file.wanted.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.file.gone.remove(&self.file.path);
        }
    }
}
