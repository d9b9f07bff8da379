//! What lies in a state directory's memory files, for a person who asks.

use super::{CLOSED, OPEN, ROOT, gone, layout, list, notes, owner, read_file};
use crate::data::run_name::run_name;
use crate::data::spool::nonce;
use gridnode_core::measure::ingest::{WindowKey, read_snapshot};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A window that would outlive a kill now, or has outlived one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptWindow {
    /// Its file.
    pub path: PathBuf,
    /// Name of its run in the spool.
    pub run: String,
    /// Its start, wall clock, ns.
    pub start_ns: i64,
    /// Whether it is open: a snapshot, else batches that are not durable yet.
    pub is_open: bool,
    /// Samples in it, without those that the spool has.
    pub samples: u64,
    /// Size of the file.
    pub bytes: u64,
}

/// Of a state directory, whoever its agent's user is; what cannot be read is left out, for it may just be written. Of a copy,
/// nothing: its start would leave it to the original.
#[must_use]
pub fn survey(state_dir: &Path) -> Vec<KeptWindow> {
    survey_below(Path::new(ROOT), state_dir)
}

pub(super) fn survey_below(root: &Path, state_dir: &Path) -> Vec<KeptWindow> {
    let Some(nonce) = nonce::read(state_dir) else { return Vec::new() };
    let is_its = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.starts_with("gridnode-") && name.ends_with(&format!("-{nonce}"))
    };
    let dirs = fs::read_dir(root).into_iter().flatten().flatten().map(|entry| entry.path()).filter(is_its);
    let gone = gone::noted(&state_dir.join(notes::DIR));
    dirs.filter(|dir| owner::other(dir, state_dir, &nonce).is_none())
        .flat_map(|dir| windows(&dir, &gone))
        .collect()
}

/// Of those in a directory that are not noted as `gone`.
fn windows(dir: &Path, gone: &BTreeSet<String>) -> Vec<KeptWindow> {
    let mut covered = BTreeSet::new();
    let mut kept = Vec::new();
    // A window's batches come before the snapshot that they replace.
    for (key, what) in list(dir) {
        let name = format!("{key}.{what}");
        if gone.contains(&name) {
            continue;
        }
        let path = dir.join(name);
        let Ok(bytes) = read_file(&path) else { continue };
        let window = match what.as_str() {
            CLOSED => closed(&bytes).map(|(run, samples, covers)| {
                covered.extend(covers);
                (run, samples)
            }),
            OPEN if !covered.contains(&key) => open(key, &bytes),
            _ => None,
        };
        let Some((run, samples)) = window else { continue };
        let (start_ns, is_open, bytes) = (key.start_ns, what == OPEN, bytes.len() as u64);
        kept.push(KeptWindow { path, run, start_ns, is_open, samples, bytes });
    }
    kept
}

fn closed(bytes: &[u8]) -> Option<(String, u64, Vec<WindowKey>)> {
    let (head, batches) = layout::read(bytes).ok()?;
    let wanted = batches.iter().filter(|placed| placed.is_wanted);
    Some((head.run, wanted.map(|placed| placed.packed.samples).sum(), head.covers))
}

fn open(key: WindowKey, bytes: &[u8]) -> Option<(String, u64)> {
    let (_, window) = read_snapshot(bytes).ok()?;
    Some((run_name(&window.identity, u64::from(key.incarnation), key.run).to_string(), window.samples))
}
