//! Files in the spool under two names, copied or linked by somebody.

use crate::data::regular_file;
use gridnode_core::outbound::spool::{FileName, Listing, SPOOL, Saved};
use std::collections::{BTreeMap, HashMap};
use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::Path;

/// A gzip member ends with a checksum of what is in it, and its length.
const TRAILER_BYTES: u64 = 8;

/// One of two of the same content: what of it is cheap to know.
#[derive(PartialEq, Eq, Hash)]
struct Alike {
    bytes: u64,
    samples: u64,
    points: u32,
}

/// Looks for them among what was found. Of two, the one is kept that the accounts know.
pub(super) fn mark(state_dir: &Path, saved: &Saved, listing: &mut Listing) {
    let files = listing.runs.iter().flat_map(|(run, files)| files.iter().map(move |file| (run, file)));
    let batches = files.filter(|(_, file)| file.is_file).filter_map(|(run, file)| {
        let name = FileName::parse(&file.name)?;
        Some((format!("{SPOOL}/{run}/{}", file.name), name, file.bytes))
    });
    let is_known = |path: &str, name: &FileName| {
        let run = path.split('/').nth(1);
        saved.knew(name.batch) && run.is_some_and(|run| saved.runs.contains_key(run))
    };
    listing.copies = find(state_dir, batches, is_known);
}

/// Those of these paths, below the state directory, that are copies, and of which.
pub(super) fn find(
    state_dir: &Path,
    batches: impl Iterator<Item = (String, FileName, u64)>,
    is_known: impl Fn(&str, &FileName) -> bool,
) -> BTreeMap<String, String> {
    let mut alike = HashMap::<Alike, Vec<(String, FileName)>>::new();
    // Whose points have no samples counts nothing, and is the same point again: a kill between a trace and its pointer's account makes
    // such.
    let counts = |(_, name, bytes): &(String, FileName, u64)| name.samples > 0 && *bytes > TRAILER_BYTES;
    for (path, name, bytes) in batches.filter(counts) {
        let key = Alike { bytes, samples: name.samples, points: name.points };
        alike.entry(key).or_default().push((path, name));
    }
    let mut copies = BTreeMap::new();
    for (Alike { bytes, .. }, mut files) in alike.into_iter().filter(|(_, files)| files.len() > 1) {
        files.sort_by_key(|(path, name)| (!is_known(path, name), name.created_ms, name.batch));
        // Most that are alike so far are so by accident: only where the checksums are the same is the whole read.
        let mut seen = HashMap::<[u8; TRAILER_BYTES as usize], Vec<String>>::new();
        for (path, _) in files {
            let Ok(trailer) = trailer(&state_dir.join(&path), bytes) else { continue };
            let others = seen.entry(trailer).or_default();
            match others.iter().find(|other| is_same(state_dir, other, &path)) {
                Some(other) => drop(copies.insert(path, other.clone())),
                None => others.push(path),
            }
        }
    }
    copies
}

fn trailer(path: &Path, bytes: u64) -> io::Result<[u8; TRAILER_BYTES as usize]> {
    let mut trailer = [0; TRAILER_BYTES as usize];
    // Whatever has got the name since: a pipe would hold us up.
    let flags = libc::O_NONBLOCK | libc::O_NOFOLLOW;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    file.read_exact_at(&mut trailer, bytes.saturating_sub(TRAILER_BYTES))?;
    Ok(trailer)
}

fn is_same(state_dir: &Path, one: &str, other: &str) -> bool {
    let read = |path: &str| regular_file::read_itself(&state_dir.join(path), u64::MAX).ok();
    read(one).is_some_and(|body| read(other).is_some_and(|other| body == other))
}
