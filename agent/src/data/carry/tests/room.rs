//! Memory, the disk, or both have no room for a while, and nothing arrives after that.

use super::*;
use gridnode_core::measure::ledger::SampleAccount;
use std::time::Duration;

const STEP_NS: u64 = 10_000_000;
const S_NS: u64 = S as u64;

struct Keeper {
    carry: Carry,
    state: tempfile::TempDir,
    _root: tempfile::TempDir,
    ingest: Ingest,
    snapshots: Snapshots,
    notes: Notes,
    now_ns: u64,
}

impl Keeper {
    /// With 13 samples, one of them of a source that goes on.
    fn new() -> Self {
        let (root, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let carry = Carry::below(root.path(), "n", 1).unwrap();
        let mut ingest = ingest();
        let line = format!(
            "sample,flood=7,label=a rt=1,ok=t {}\nledger,flood=7,source=s seq=1i,samples=1i",
            1_000 * S
        );
        ingest.datagram(at(1_005), SocketId(0), line.as_bytes());
        let (snapshots, notes) =
            (Snapshots::new(carry.clone()), Notes::new(Some(carry.clone()), state.path(), 1));
        Self { carry, state, _root: root, ingest, snapshots, notes, now_ns: 0 }
    }

    fn keep_for(&mut self, ns: u64) {
        for _ in 0..ns / STEP_NS {
            self.now_ns += STEP_NS;
            keep(Some(&mut self.snapshots), &mut self.notes, &self.ingest, Mono(self.now_ns));
        }
    }

    fn windows(&self) -> usize {
        self.ingest.snapshot_keys(1).len()
    }

    fn on_disk(&self) -> PathBuf {
        self.state.path().join("progress")
    }

    /// After a kill now.
    fn found(&self) -> (u64, u64) {
        let earlier = Earlier::read(&[&self.carry.dir, &self.on_disk()], &mut Vec::new());
        let next = Carry::below(self._root.path(), "n", 2).unwrap();
        (samples(&next.take_over(&rollup(), |_, _| false)), earlier.aggregated.values().sum())
    }
}

/// Of the thread, which has its own clock.
fn comes(what: impl Fn() -> bool) -> bool {
    (0..1_000).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        what()
    })
}

#[test]
fn open_windows_are_kept_again_once_there_is_room_for_the_notes() {
    let mut keeper = Keeper::new();
    let block = keeper.carry.dir.join("1.progress-new");
    fs::create_dir(&block).unwrap();
    keeper.keep_for(5 * S_NS);
    assert!(!keeper.notes.are_in_memory());
    assert_eq!(names(&keeper.carry, OPEN) + names(&keeper.carry, OPEN_UNFINISHED), 0);
    let on_disk = keeper.on_disk().join("1.progress");
    assert!(comes(|| on_disk.exists()));
    fs::remove_dir(&block).unwrap();
    keeper.keep_for(12 * S_NS);
    assert!(keeper.notes.are_in_memory());
    assert_eq!(names(&keeper.carry, OPEN), keeper.windows());
    assert!(comes(|| !on_disk.exists()), "it is old");
    assert_eq!(keeper.found(), (13, 13));
}

#[test]
fn after_many_attempts_the_next_is_at_most_ten_seconds_away_and_the_first_after_room_is_soon() {
    let mut keeper = Keeper::new();
    let block = keeper.carry.dir.join("1.progress-new");
    fs::create_dir(&block).unwrap();
    keeper.keep_for(300 * S_NS);
    fs::remove_dir(&block).unwrap();
    keeper.keep_for(11 * S_NS);
    assert_eq!((keeper.notes.are_in_memory(), names(&keeper.carry, OPEN)), (true, keeper.windows()));
    fs::create_dir(&block).unwrap();
    keeper.notes.note(&keeper.ingest);
    assert!(!keeper.notes.are_in_memory());
    fs::remove_dir(&block).unwrap();
    keeper.keep_for(S_NS + 5 * STEP_NS);
    assert!(keeper.notes.are_in_memory());
}

#[test]
fn a_window_that_has_no_room_is_tried_again_and_holds_up_no_other() {
    let mut keeper = Keeper::new();
    let key = keeper.ingest.snapshot_keys(1)[0];
    let block = keeper.carry.path(key, OPEN_UNFINISHED);
    fs::create_dir(&block).unwrap();
    keeper.keep_for(5 * S_NS);
    assert!(keeper.windows() > 1);
    assert_eq!(names(&keeper.carry, OPEN), keeper.windows() - 1);
    fs::remove_dir(&block).unwrap();
    keeper.keep_for(11 * S_NS);
    assert_eq!(names(&keeper.carry, OPEN), keeper.windows());
    assert_eq!(keeper.found(), (13, 13));
}

#[test]
fn with_no_room_anywhere_what_was_counted_is_known_once_there_is_some() {
    for memory in [true, false] {
        let mut keeper = Keeper::new();
        let block = keeper.carry.dir.join("1.progress-new");
        fs::create_dir(&block).unwrap();
        fs::write(keeper.on_disk(), "").unwrap();
        keeper.keep_for(5 * S_NS);
        assert!(!comes_soon(&keeper) && keeper.found() == (0, 0));
        match memory {
            true => fs::remove_dir(&block).unwrap(),
            false => fs::remove_file(keeper.on_disk()).unwrap(),
        }
        if memory {
            keeper.keep_for(11 * S_NS);
        }
        // The accounts hear of it then, if of nothing else.
        assert!(comes(|| keeper.notes.are_later_than(0, &keeper.ingest)));
        let in_windows = if memory { 13 } else { 0 };
        assert_eq!(keeper.found().0, in_windows);
        let disk = keeper.on_disk();
        let known = Earlier::read(&[&keeper.carry.dir, &disk], &mut Vec::new()).known;
        assert_eq!(known[0].sources[0].samples, 1);
    }
}

fn comes_soon(keeper: &Keeper) -> bool {
    std::thread::sleep(Duration::from_millis(50));
    keeper.notes.are_later_than(0, &keeper.ingest)
}

#[test]
fn at_the_end_the_disk_is_tried_once_more() {
    let state = tempfile::tempdir().unwrap();
    let mut keeper = Keeper::new();
    let disk = state.path().join("progress");
    fs::write(&disk, "").unwrap();
    keeper.notes = Notes::new(None, state.path(), 1);
    keeper.notes.note(&keeper.ingest);
    assert!(!comes_soon(&keeper));
    fs::remove_file(&disk).unwrap();
    drop(keeper);
    assert!(disk.join("1.progress").exists());
}

#[test]
fn of_the_notes_of_a_process_the_last_counts_wherever_it_is() {
    let keeper = Keeper::new();
    let (carry, disk) = (&keeper.carry, keeper.on_disk());
    let runs = keeper.ingest.progress();
    let mut older = runs.clone();
    older[0].sources[0].samples = 0;
    // It had been closed by then.
    let mut over = runs[0].clone();
    (over.slot, over.aggregated) = (Some(9), 100);
    older.push(over);
    fs::create_dir(&disk).unwrap();
    for last_in_memory in [true, false] {
        let (in_memory, on_disk) = match last_in_memory {
            true => ((12, &runs), (9, &older)),
            false => ((12, &older), (13, &runs)),
        };
        carry.progress(in_memory.0, in_memory.1).unwrap();
        progress::write(&disk, 1, on_disk.0, on_disk.1).unwrap();
        for dirs in [[&carry.dir, &disk], [&disk, &carry.dir]] {
            let found = Earlier::read(&dirs.map(|dir| &**dir), &mut Vec::new());
            let mark = found.known[0].sources[0].clone();
            assert_eq!((found.aggregated.values().sum::<u64>(), mark.samples, found.files.len()), (13, 1, 2));
        }
    }
    // Without a number, as it used to be.
    let mut remarks = Vec::new();
    fs::remove_file(disk.join("1.progress")).unwrap();
    fs::write(carry.dir.join("1.progress"), serde_json::to_vec(&runs).unwrap()).unwrap();
    let found = Earlier::read(&[&carry.dir, &disk], &mut remarks);
    assert_eq!((found.aggregated.values().sum::<u64>(), remarks.len()), (13, 0));
}

/// A snapshot that is taken when there is room again knows better what was said.
#[test]
fn what_was_told_before_there_was_no_room_says_nothing_any_more() {
    let keeper = Keeper::new();
    let total = SampleAccount { aggregated: 5, ..SampleAccount::default() };
    keeper.carry.told(0, &RunName::from("7.1"), &total);
    assert_eq!(names(&keeper.carry, "told"), 1);
    fs::create_dir(keeper.carry.dir.join("1.0.told-new")).unwrap();
    keeper.carry.told(0, &RunName::from("7.1"), &SampleAccount { aggregated: 6, ..total });
    assert_eq!(names(&keeper.carry, "told"), 0);
}
