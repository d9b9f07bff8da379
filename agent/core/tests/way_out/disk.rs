//! A disk with what is durable and what is not, apart for contents and for names.

use super::random::Random;
use gridnode_core::outbound::pack;
use gridnode_core::outbound::spool::{
    AsideFile, Fault, FaultKind, FileName, FileText, ListedFile, Listing, Operation, SPOOL, Saved,
};
use std::collections::{BTreeMap, BTreeSet};

type Inode = u64;

#[derive(Debug, Clone)]
enum Change {
    Name(String, Inode),
    Unname(String),
    /// It is the file that gets the name, whatever else of its past is kept.
    Rename(String, String, Inode),
    /// Both at once: the files under these names have each other's.
    Exchange(String, Inode, String, Inode),
    MakeDir(String),
    RemoveDir(String),
}

#[derive(Debug, Default, Clone)]
pub struct Disk {
    contents: BTreeMap<Inode, (Vec<u8>, Option<Vec<u8>>)>,
    names: BTreeMap<String, Inode>,
    dirs: BTreeSet<String>,
    durable_names: BTreeMap<String, Inode>,
    durable_dirs: BTreeSet<String>,
    pending: Vec<Change>,
    next: Inode,
    /// What another process leaves of the room.
    pub bytes_max: usize,
    pub torn: u64,
    /// Batches that were removed, as a backup has them.
    removed: Vec<(String, Vec<u8>)>,
}

fn dir_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(dir, _)| dir)
}

fn fault(kind: FaultKind, sentence: &str) -> Fault {
    Fault { kind, sentence: sentence.to_owned() }
}

fn apply(change: &Change, names: &mut BTreeMap<String, Inode>, dirs: &mut BTreeSet<String>) {
    match change {
        Change::Name(path, inode) => drop(names.insert(path.clone(), *inode)),
        Change::Unname(path) => drop(names.remove(path)),
        Change::Rename(from, to, inode) => {
            if names.get(from) == Some(inode) {
                names.remove(from);
            }
            names.insert(to.clone(), *inode);
        }
        Change::Exchange(from, one, to, other) => {
            names.insert(from.clone(), *other);
            names.insert(to.clone(), *one);
        }
        Change::MakeDir(dir) => drop(dirs.insert(dir.clone())),
        Change::RemoveDir(dir) => drop(dirs.remove(dir)),
    }
}

impl Change {
    fn touches(&self, dir: &str) -> bool {
        match self {
            Self::Name(path, _) | Self::Unname(path) | Self::MakeDir(path) | Self::RemoveDir(path) => {
                dir_of(path) == dir
            }
            Self::Rename(from, to, _) | Self::Exchange(from, _, to, _) => {
                dir_of(from) == dir || dir_of(to) == dir
            }
        }
    }
}

impl Disk {
    pub fn new() -> Self {
        let mut disk = Self { bytes_max: usize::MAX, ..Self::default() };
        for dir in ["", SPOOL, "quarantine", "corrupt"] {
            disk.dirs.insert(dir.to_owned());
            disk.durable_dirs.insert(dir.to_owned());
        }
        disk
    }

    fn change(&mut self, change: Change) {
        apply(&change, &mut self.names, &mut self.dirs);
        self.pending.push(change);
    }

    /// All files are those of a copy, durable or not as they were there.
    pub fn restore(&mut self, backup: Self) {
        *self = Self { bytes_max: self.bytes_max, torn: self.torn, ..backup };
    }

    pub fn bytes(&self) -> usize {
        self.names.values().map(|inode| self.contents[inode].0.len()).sum()
    }

    pub fn read(&self, path: &str) -> Option<&[u8]> {
        self.names.get(path).map(|inode| &self.contents[inode].0[..])
    }

    /// Whether a batch of just these bytes is in a run's directory.
    pub fn holds(&self, run: &str, packed: &pack::Packed) -> bool {
        let dir = format!("{SPOOL}/{run}");
        self.names.iter().filter(|(path, _)| dir_of(path) == dir).any(|(path, inode)| {
            let name = FileName::parse(path.rsplit('/').next().unwrap_or_default());
            name.is_some_and(|name| (name.points, name.samples) == (packed.points, packed.samples))
                && *self.contents[inode].0 == *packed.body
        })
    }

    /// Carries out one operation.
    pub fn act(&mut self, operation: &Operation) -> Result<Vec<pack::Packed>, Fault> {
        match operation {
            Operation::MakeDir(dir) => {
                if !self.dirs.contains(dir) {
                    self.change(Change::MakeDir(dir.clone()));
                }
            }
            Operation::Write { path, body } => self.write(path, body)?,
            Operation::WriteOver { path, body, room_bytes } => self.write_over(path, body, *room_bytes)?,
            Operation::Sync(path) => {
                let inode = self.names.get(path).ok_or_else(|| fault(FaultKind::Other, "no such file"))?;
                let content = self.contents.entry(*inode).or_default();
                content.1 = Some(content.0.clone());
            }
            Operation::Rename { from, to, done_before } => {
                let Some(inode) = self.names.get(from).copied() else {
                    return if *done_before {
                        Ok(Vec::new())
                    } else {
                        Err(fault(FaultKind::Other, "no such file"))
                    };
                };
                self.change(Change::Rename(from.clone(), to.clone(), inode));
            }
            Operation::Exchange { from, to } => {
                let inode = |path: &String| self.names.get(path).copied();
                match (inode(from), inode(to)) {
                    (None, _) => return Err(fault(FaultKind::Other, "no such file")),
                    (Some(one), None) => self.change(Change::Rename(from.clone(), to.clone(), one)),
                    (Some(one), Some(other)) => {
                        self.change(Change::Exchange(from.clone(), one, to.clone(), other));
                    }
                }
            }
            Operation::SyncDir(dir) => {
                for change in self.pending.extract_if(.., |change| change.touches(dir)) {
                    apply(&change, &mut self.durable_names, &mut self.durable_dirs);
                }
                self.forget_unnamed();
            }
            Operation::Unlink(path) => {
                if let Some(inode) = self.names.get(path) {
                    if path.ends_with(".gz") {
                        self.removed.push((path.clone(), self.contents[inode].0.clone()));
                    }
                    self.change(Change::Unname(path.clone()));
                }
            }
            Operation::RemoveDir(dir) => {
                if !self.names.keys().any(|path| dir_of(path) == dir) {
                    self.change(Change::RemoveDir(dir.clone()));
                }
            }
            Operation::ReadHalves { path, checksum, points, samples } => {
                let body = self.read(path).ok_or_else(|| fault(FaultKind::Corrupt, "it is gone"))?;
                let proof = pack::prove(body, *checksum, *points, *samples);
                return proof
                    .and_then(|()| pack::halve(body, *samples))
                    .map_err(|why| fault(FaultKind::Corrupt, &why));
            }
        }
        Ok(Vec::new())
    }

    /// Contents that no name can lead to again, now and then: there are days of them.
    fn forget_unnamed(&mut self) {
        if self.contents.len() < 64 + 2 * self.names.len() {
            return;
        }
        let pending = self.pending.iter().flat_map(|change| match change {
            Change::Name(_, inode) | Change::Rename(_, _, inode) => vec![*inode],
            Change::Exchange(_, one, _, other) => vec![*one, *other],
            Change::Unname(_) | Change::MakeDir(_) | Change::RemoveDir(_) => Vec::new(),
        });
        let named: BTreeSet<Inode> =
            self.names.values().chain(self.durable_names.values()).copied().chain(pending).collect();
        self.contents.retain(|inode, _| named.contains(inode));
    }

    fn write(&mut self, path: &str, body: &[u8]) -> Result<(), Fault> {
        if !self.dirs.contains(dir_of(path)) {
            return Err(fault(FaultKind::Other, "no such directory"));
        }
        let room = self.bytes_max.saturating_sub(self.bytes() - self.read(path).map_or(0, <[u8]>::len));
        let fits = body.len() <= room;
        self.next += 1;
        let written = body[..body.len().min(room)].to_vec();
        // A file that is there is truncated and written again: its inode stays.
        if let Some(inode) = self.names.get(path).copied() {
            self.contents.entry(inode).or_default().0 = written;
        } else {
            self.contents.insert(self.next, (written, None));
            self.change(Change::Name(path.to_owned(), self.next));
        }
        if !fits {
            return Err(fault(FaultKind::Full, "no space left"));
        }
        Ok(())
    }

    /// What is not written stays as it was; room beyond the body is taken as far as there is some.
    fn write_over(&mut self, path: &str, body: &[u8], room_bytes: u64) -> Result<(), Fault> {
        let before = self.read(path).map_or(0, <[u8]>::len);
        let most = before + self.bytes_max.saturating_sub(self.bytes());
        let wanted = body.len().max(before).max(room_bytes as usize).min(most);
        let inode = self.names.get(path).copied().unwrap_or_else(|| {
            self.next += 1;
            self.contents.insert(self.next, (Vec::new(), None));
            self.change(Change::Name(path.to_owned(), self.next));
            self.next
        });
        let mut written = body[..body.len().min(wanted)].to_vec();
        written.resize(wanted, b' ');
        self.contents.entry(inode).or_default().0 = written;
        if body.len() > wanted { Err(fault(FaultKind::Full, "no space left")) } else { Ok(()) }
    }

    /// Keeps any subset of what was not synced.
    pub fn crash(&mut self, random: &mut Random) {
        for change in std::mem::take(&mut self.pending) {
            if random.chance(50) {
                apply(&change, &mut self.durable_names, &mut self.durable_dirs);
            }
        }
        self.durable_names.retain(|path, _| self.durable_dirs.contains(dir_of(path)));
        self.names = self.durable_names.clone();
        self.dirs = self.durable_dirs.clone();
        for (now, durable) in self.contents.values_mut() {
            if durable.as_ref() != Some(now) {
                self.torn += 1;
                match random.below(4) {
                    0 => *now = durable.clone().unwrap_or_default(),
                    1 => now.iter_mut().for_each(|byte| *byte = 0),
                    2 => now.truncate(now.len() / 2),
                    _ => {}
                }
            }
            *durable = Some(now.clone());
        }
    }

    /// One byte of one batch changes, or all of them, of those that are in no second place: there it would be another batch.
    pub fn rot(&mut self, random: &mut Random, has_second: impl Fn(&[u8]) -> bool) -> Option<&'static str> {
        let batches: Vec<Inode> =
            self.names.iter().filter(|(path, _)| path.ends_with(".gz")).map(|(_, inode)| *inode).collect();
        let batches: Vec<Inode> =
            batches.into_iter().filter(|inode| !has_second(&self.contents[inode].0)).collect();
        let inode = batches.get(random.below(batches.len().max(1) as u64) as usize)?;
        let (now, durable) = self.contents.get_mut(inode).unwrap();
        if now.len() < 20 {
            return None;
        }
        let changed = random.chance(50);
        if changed {
            // More than any line of ours counts.
            *now = pack::compress(b"transaction_rate_mean,run=other count=51i 1\n");
        } else {
            // The checksum at the end: any reader notices.
            let at = now.len() - 6;
            now[at] ^= 0x55;
        }
        *durable = Some(now.clone());
        Some(if changed { "changed" } else { "bit rot" })
    }

    /// Somebody copies a batch back that has left for good.
    pub fn bring_back(&mut self, random: &mut Random, saved: &Saved) -> bool {
        self.removed.retain(|(path, _)| !self.names.contains_key(path));
        if self.removed.is_empty() {
            return false;
        }
        let (path, body) = self.removed[random.below(self.removed.len() as u64) as usize].clone();
        let dir = dir_of(&path).to_owned();
        let Some(name) = FileName::parse(path.rsplit('/').next().unwrap_or_default()) else { return false };
        let whole = name.whole();
        let is_leaving = saved.leaving.iter().any(|leaving| leaving.batch == whole);
        // A part may be of a split that did not happen: it has never been a batch.
        let was_batch = name.parent.is_none() || saved.finished.has(name.batch);
        if is_leaving || !was_batch || saved.incarnation == 0 || !saved.knew(name.batch) {
            return false;
        }
        self.next += 1;
        self.dirs.insert(dir.clone());
        self.durable_dirs.insert(dir);
        self.contents.insert(self.next, (body.clone(), Some(body)));
        self.names.insert(path.clone(), self.next);
        self.durable_names.insert(path, self.next);
        true
    }

    pub fn listing(&self) -> Listing {
        let mut listing = Listing::default();
        for dir in &self.dirs {
            if let Some(run) = dir.strip_prefix("spool/") {
                listing.runs.entry(run.to_owned()).or_default();
            }
        }
        for (path, inode) in &self.names {
            if let Some((run, name)) = path.strip_prefix("spool/").and_then(|path| path.split_once('/')) {
                let bytes = self.contents[inode].0.len() as u64;
                let file = ListedFile { name: name.to_owned(), bytes, is_file: true };
                listing.runs.entry(run.to_owned()).or_default().push(file);
            }
        }
        listing
    }

    /// By name, which begins with neither age nor number: any order will do here.
    pub fn corrupt(&self) -> Vec<AsideFile> {
        let files = self.names.iter().filter_map(|(path, inode)| {
            let name = path.strip_prefix("corrupt/")?.to_owned();
            Some(AsideFile { name, bytes: self.contents[inode].0.len() as u64 })
        });
        files.collect()
    }

    pub fn saved(&self) -> Result<Saved, String> {
        let text =
            self.read("counters.json").map_or(FileText::Absent, |bytes| FileText::Text(bytes.to_vec()));
        Saved::parse(&text).map_err(|error| error.to_string())
    }

    /// Batches left in the spool: what is half written goes with the next start at the latest.
    pub fn spooled(&self) -> Vec<&String> {
        self.names.keys().filter(|path| path.starts_with("spool/") && !path.ends_with(".tmp")).collect()
    }
}
