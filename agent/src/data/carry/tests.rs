mod owner;
mod room;

use super::*;
use gridnode_core::base::ids::Ident;
use gridnode_core::base::run::RunName;
use gridnode_core::base::time::{Mono, Now, Wall};
use gridnode_core::measure::ingest::{
    ClosedWindow, Ingest, IngestOutput, OpenSettings, Snapshot, SocketId, read_snapshot,
};
use gridnode_core::measure::window::WindowSettings;
use gridnode_core::outbound::pack::{self, Packed};
use gridnode_core::rollup::{Rollup, RollupSettings};

const S: i64 = 1_000_000_000;

fn at(s: i64) -> Now {
    Now { mono: Mono((s * S).unsigned_abs()), wall: Wall(s * S) }
}

fn rollup() -> RollupSettings {
    RollupSettings {
        node: Ident::new("n").unwrap(),
        incarnation: 1,
        timestamp_key: b"k".to_vec(),
        label_tag: false,
    }
}

/// Three labels in each of two windows of one flood.
fn ingest() -> Ingest {
    let mut ingest = Ingest::new(1);
    let window = WindowSettings { period_s: 15, grace_ms: 2_000 };
    let settings =
        OpenSettings { grid: None, region: None, run: 1, window, labels_max: 10, earlier: Vec::new() };
    ingest.open_socket(SocketId(0), settings);
    for (label, s) in [("a", 1_000), ("b", 1_000), ("c", 1_000), ("a", 990), ("b", 990), ("c", 989)] {
        let line = format!("sample,flood=7,label={label} rt=1,ok=t {}\n", s * S);
        ingest.datagram(at(1_005), SocketId(0), line.repeat(2).as_bytes());
    }
    ingest
}

fn closed(ingest: &mut Ingest) -> Vec<ClosedWindow> {
    ingest.close_all(at(1_006));
    let outputs = std::iter::from_fn(|| ingest.poll_output());
    outputs.filter_map(|o| if let IngestOutput::Window(w) = o { Some(*w) } else { None }).collect()
}

fn snapshots(carry: &Carry, ingest: &Ingest) {
    for key in ingest.snapshot_keys(1) {
        let (mut snapshot, mut bytes) = (Snapshot::of(key), Vec::new());
        snapshot.piece(ingest, 100, &mut bytes);
        fs::write(carry.path(key, OPEN), &bytes).unwrap();
    }
}

fn put(carry: &Carry, window: &ClosedWindow) -> Vec<(Packed, Mark)> {
    let settings = rollup();
    let mut rendered = Rollup::new(&settings, window);
    let mut writing = carry.begin("7.1", window).unwrap();
    while let Some(batch) = rendered.next_batch() {
        // One line a batch, so that there are several.
        for line in batch.body.split_inclusive(|b| *b == b'\n') {
            writing.add(&pack::pack(line, pack::count_samples(line)).remove(0)).unwrap();
        }
    }
    writing.finish().unwrap().map(Result::unwrap).collect()
}

fn samples(found: &Found) -> u64 {
    found.batches.iter().map(|carried| carried.packed.samples).sum()
}

fn names(carry: &Carry, what: &str) -> usize {
    fs::read_dir(&carry.dir)
        .unwrap()
        .flatten()
        .filter(|e| e.path().extension().is_some_and(|x| x == what))
        .count()
}

#[test]
fn what_was_open_is_taken_over_once_whatever_comes_between() {
    let root = tempfile::tempdir().unwrap();
    let carry = Carry::below(root.path(), "n", 1).unwrap();
    let mut ingest = ingest();
    snapshots(&carry, &ingest);
    let next = Carry::below(root.path(), "n", 2).unwrap();
    let found = next.take_over(&rollup(), |_, _| false);
    assert_eq!((samples(&found), names(&carry, OPEN)), (12, 0));
    let names_of_runs: Vec<_> = found.batches.iter().map(|carried| carried.run.to_string()).collect();
    assert!(names_of_runs.iter().all(|name| name == "7.1"), "{names_of_runs:?}");
    assert_eq!(found.aggregated.values().sum::<u64>(), 12);
    // As it would have been had nobody been killed, but for the ledger's last words.
    let bodies = |batches: &[Packed]| {
        let lines: Vec<u8> = batches.iter().flat_map(|p| pack::unpack(&p.body).unwrap()).collect();
        let lines = String::from_utf8(lines).unwrap();
        let mut lines: Vec<String> =
            lines.lines().filter(|l| !l.starts_with("ledger")).map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let settings = rollup();
    let expected: Vec<Packed> = closed(&mut ingest)
        .iter()
        .flat_map(|window| {
            let mut rendered = Rollup::new(&settings, window);
            std::iter::from_fn(move || rendered.next_batch()).collect::<Vec<_>>()
        })
        .flat_map(|batch| pack::pack(&batch.body, batch.samples))
        .collect();
    let taken: Vec<Packed> = found.batches.iter().map(|carried| carried.packed.clone()).collect();
    assert_eq!(bodies(&taken), bodies(&expected));
    // Killed once more before any was durable, then one by one.
    for left in (1..=found.batches.len()).rev() {
        let again = next.take_over(&rollup(), |_, _| false);
        assert_eq!(again.batches.len(), left);
        again.batches[0].mark.as_ref().unwrap().release();
    }
    assert_eq!(fs::read_dir(&next.dir).unwrap().count(), 0);
    next.close();
    assert!(!next.dir.exists());
}

#[test]
fn batches_stand_for_their_window_until_each_is_durable() {
    let root = tempfile::tempdir().unwrap();
    let carry = Carry::below(root.path(), "n", 1).unwrap();
    let mut ingest = ingest();
    snapshots(&carry, &ingest);
    let open = fs::read_dir(&carry.dir).unwrap().flatten().map(|e| (e.path(), fs::read(e.path()).unwrap()));
    let open: Vec<_> = open.collect();
    let windows = closed(&mut ingest);
    let placed: Vec<(Packed, Mark)> = windows.iter().flat_map(|window| put(&carry, window)).collect();
    assert_eq!((names(&carry, OPEN), names(&carry, CLOSED)), (0, windows.len()));
    // Killed between the two: the snapshots are there still.
    open.iter().for_each(|(path, bytes)| fs::write(path, bytes).unwrap());
    fs::write(carry.dir.join("1.0.5.0.closed-new"), "half").unwrap();
    placed[0].1.release();
    let durable = placed[1].0.clone();
    let is_in_spool = |run: &RunName, packed: &Packed| &*run.0 == "7.1" && *packed == durable;
    let found = carry.take_over(&rollup(), is_in_spool);
    let total: u64 = placed.iter().map(|(packed, _)| packed.samples).sum();
    assert_eq!(total, 12);
    assert_eq!(samples(&found), total - placed[0].0.samples - placed[1].0.samples);
    assert_eq!(names(&carry, OPEN) + names(&carry, CLOSED_UNFINISHED), 0);
    found.batches.iter().for_each(|carried| carried.mark.as_ref().unwrap().release());
    assert_eq!(fs::read_dir(&carry.dir).unwrap().count(), 0);
}

#[test]
fn a_window_that_was_folded_takes_the_snapshots_of_both() {
    let root = tempfile::tempdir().unwrap();
    let carry = Carry::below(root.path(), "n", 1).unwrap();
    let mut ingest = ingest();
    snapshots(&carry, &ingest);
    let mut windows = closed(&mut ingest);
    let mut newest = windows.pop().unwrap();
    let others = windows.len();
    windows.into_iter().rev().for_each(|older| newest.absorb(older));
    assert!(others > 0);
    put(&carry, &newest);
    assert_eq!((names(&carry, OPEN), names(&carry, CLOSED)), (0, 1));
    assert_eq!(samples(&carry.take_over(&rollup(), |_, _| false)), 12);
}

#[test]
fn what_cannot_be_read_is_told_and_goes() {
    let root = tempfile::tempdir().unwrap();
    let carry = Carry::below(root.path(), "n", 1).unwrap();
    let mut ingest = ingest();
    snapshots(&carry, &ingest);
    let open: Vec<_> = fs::read_dir(&carry.dir).unwrap().flatten().map(|entry| entry.path()).collect();
    fs::write(&open[0], "?").unwrap();
    let mut windows = closed(&mut ingest);
    windows[0].start_ns = 7;
    put(&carry, &windows[0]);
    let path = carry.path(carry.key(0, 7, windows[0].part_n), CLOSED);
    let mut bytes = fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&path, bytes).unwrap();
    let found = carry.take_over(&rollup(), |_, _| false);
    assert_eq!(
        found.remarks.iter().filter(|remark| remark.contains("cannot be read")).count(),
        2,
        "{:?}",
        found.remarks
    );
}

#[test]
fn a_window_that_cannot_be_carried_is_open_no_longer() {
    let root = tempfile::tempdir().unwrap();
    let carry = Carry::below(root.path(), "n", 1).unwrap();
    let mut ingest = ingest();
    snapshots(&carry, &ingest);
    let windows = closed(&mut ingest);
    let own = carry.key(0, windows[0].start_ns, windows[0].part_n);
    fs::create_dir(carry.path(own, CLOSED_UNFINISHED)).unwrap();
    assert!(carry.path(own, OPEN).exists() && carry.begin("7.1", &windows[0]).is_err());
    assert!(!carry.path(own, OPEN).exists());
}

#[test]
fn a_directory_of_somebody_else_is_not_used() {
    let root = tempfile::tempdir().unwrap();
    let carry = Carry::below(root.path(), "n", 1).unwrap();
    fs::set_permissions(&carry.dir, fs::Permissions::from_mode(0o777)).unwrap();
    assert!(Carry::below(root.path(), "n", 2).is_err());
    fs::remove_dir(&carry.dir).unwrap();
    std::os::unix::fs::symlink(root.path(), &carry.dir).unwrap();
    assert!(Carry::below(root.path(), "n", 2).is_err());
}

#[test]
fn a_person_sees_what_would_be_taken_over_and_each_window_once() {
    let (root, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(state.path().join("nonce"), "0123456789abcdef").unwrap();
    let carry = Carry::below(root.path(), "0123456789abcdef", 1).unwrap();
    let mut ingest = ingest();
    snapshots(&carry, &ingest);
    let seen = |root: &Path| {
        survey::survey_below(root, state.path())
            .into_iter()
            .map(|window| (window.start_ns / S, window.is_open, window.samples, window.run))
            .collect::<Vec<_>>()
    };
    let run = "7.1+1.0".to_owned();
    let open = seen(root.path());
    assert_eq!(open.iter().map(|(.., samples, _)| samples).sum::<u64>(), 12);
    assert!(open.iter().all(|(_, is_open, _, of)| *is_open && of.starts_with("7.1")), "{open:?}");
    // The first is closed, and one batch of it is durable; its snapshot came back, as after a kill between the two.
    let window = closed(&mut ingest).remove(0);
    let marks = put(&carry, &window);
    let (packed, mark) = marks.iter().find(|(packed, _)| packed.samples > 0).unwrap();
    mark.release();
    snapshots(&carry, &self::ingest());
    let after = seen(root.path());
    assert_eq!(after.len(), open.len(), "{run}: {after:?}");
    let first = after.iter().find(|(start_s, ..)| *start_s == window.start_ns / S).unwrap();
    assert_eq!((first.1, first.2), (false, window.samples - packed.samples), "{after:?}");
    assert!(survey::survey_below(root.path(), root.path()).is_empty(), "another directory's");
}

fn said_aggregated(batches: &[Packed]) -> Vec<u64> {
    let lines: Vec<u8> = batches.iter().flat_map(|packed| pack::unpack(&packed.body).unwrap()).collect();
    let lines = String::from_utf8(lines).unwrap();
    let said = lines.lines().filter(|line| line.starts_with("ledger_sum"));
    said.map(|line| {
        let count = line.split(",aggregated=").nth(1).unwrap().split('i').next().unwrap();
        count.parse().unwrap()
    })
    .collect()
}

/// The first window closes, and says all that was counted; the snapshot of the second is from before that.
#[test]
fn an_account_that_was_said_is_not_said_again_by_an_older_snapshot() {
    let root = tempfile::tempdir().unwrap();
    let carry = Carry::below(root.path(), "n", 1).unwrap();
    let mut ingest = ingest();
    let line = format!("sample,flood=7,label=a rt=1,ok=t {}\n", 1_006 * S);
    ingest.datagram(at(1_006), SocketId(0), line.as_bytes());
    snapshots(&carry, &ingest);
    ingest.datagram(at(1_007), SocketId(0), line.repeat(5).as_bytes());
    ingest.tick(at(1_008));
    let mut said = Vec::new();
    while let Some(output) = ingest.poll_output() {
        let IngestOutput::Window(window) = output else { continue };
        if let Some(account) = &window.account {
            assert_eq!(account.total.aggregated, 18, "what is in the window that is open, too");
            carry.told(window.run, &RunName::from("7.1"), &account.total);
        }
        let placed = put(&carry, &window);
        placed.iter().for_each(|(_, mark)| mark.release());
        said.extend(placed.into_iter().map(|(packed, _)| packed));
    }
    assert_eq!((said_aggregated(&said), names(&carry, OPEN)), (vec![18], 1));

    let found = Carry::below(root.path(), "n", 2).unwrap().take_over(&rollup(), |_, _| false);
    let taken: Vec<Packed> = found.batches.iter().map(|carried| carried.packed.clone()).collect();
    assert_eq!(said_aggregated(&taken).iter().sum::<u64>(), 0, "it was said");
    assert_eq!(found.aggregated[&RunName::from("7.1")], 18, "and so it is known that five are lost");
    assert_eq!(found.said.len(), 1, "until the accounts have it");
}

fn earlier(carry: &Carry, state: &Path) -> Earlier {
    Earlier::take(Some(carry), true, state, carry.incarnation, &mut Vec::new())
}

#[test]
fn sources_go_on_after_a_kill_and_what_was_counted_is_known() {
    let (root, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut ingest = ingest();
    let line =
        format!("sample,flood=7,label=a rt=1,ok=t {}\nledger,flood=7,source=s seq=1i,samples=1i", 1_000 * S);
    ingest.datagram(at(1_005), SocketId(0), line.as_bytes());
    let carry = Carry::below(root.path(), "n", 1).unwrap();
    carry.progress(1, &ingest.progress()).unwrap();
    let sources = |found: &Earlier| {
        let names = found.known.iter().map(|run| (run.identity.flood.to_string(), run.sources.clone()));
        names.collect::<Vec<_>>()
    };
    let counted = |found: &Earlier| found.aggregated.values().sum::<u64>();
    let next = Carry::below(root.path(), "n", 2).unwrap();
    let found = earlier(&next, state.path());
    let known = sources(&found);
    assert_eq!((known[0].1[0].samples, known.len(), counted(&found)), (1, 1, 13));
    // Killed before its accounts were durable: what was counted is known still, though its start had made the note its own.
    let next = Carry::below(root.path(), "n", 3).unwrap();
    let found = earlier(&next, state.path());
    assert_eq!((sources(&found), counted(&found)), (known.clone(), 13));
    found.forget();
    let left: Vec<_> = fs::read_dir(&next.dir).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(left, ["3.progress"]);
    // Where memory has no room for it, it goes on where the disk is.
    let next = Carry::below(root.path(), "n", 4).unwrap();
    fs::create_dir(next.dir.join("4.progress-new")).unwrap();
    let found = earlier(&next, state.path());
    assert_eq!((sources(&found), counted(&found)), (known.clone(), 0));
    found.forget();
    let found = Earlier::take(None, true, state.path(), 5, &mut Vec::new());
    assert_eq!(sources(&found), known);
    found.forget();
    // Nothing to go on with leaves nothing.
    let last = Carry::below(root.path(), "n", 6).unwrap();
    earlier(&last, state.path()).forget();
    last.progress(1, &[]).unwrap();
    fs::remove_dir(last.dir.join("4.progress-new")).unwrap_or_default();
    last.close();
    assert!(!last.dir.exists());
}

/// Whatever a pass has given its name is no newer than what is noted: at every piece, should it be the last.
#[test]
fn no_snapshot_is_newer_than_the_progress() {
    let (root, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let carry = Carry::below(root.path(), "n", 1).unwrap();
    let mut ingest = ingest();
    let mut snapshots = Snapshots::new(carry.clone());
    let mut notes = Notes::new(Some(carry.clone()), state.path(), 1);
    let line = format!("sample,flood=7,label=a rt=1,ok=t {}", 1_006 * S);
    let mut seen = 0;
    for step in 0..60 {
        ingest.datagram(at(1_006), SocketId(0), line.as_bytes());
        snapshots.step(&ingest, Mono(step * 100_000_000), &mut notes);
        let noted: u64 = Earlier::read(&[&carry.dir], &mut Vec::new()).aggregated.values().sum();
        for (key, what) in list(&carry.dir).into_iter().filter(|(_, what)| what == OPEN) {
            let (_, window) = read_snapshot(&fs::read(carry.path(key, &what)).unwrap()).unwrap();
            let counted = window.account.unwrap().total.aggregated;
            assert!(counted <= noted, "step {step}: {counted} in a snapshot, {noted} noted");
            seen += 1;
        }
    }
    assert!(seen > 20 && notes.are_in_memory());
}

#[test]
fn without_memory_the_progress_is_on_the_disk_until_there_is_none() {
    let state = tempfile::tempdir().unwrap();
    let mut ingest = ingest();
    let mut notes = Notes::new(None, state.path(), 1);
    notes.note(&ingest);
    assert!(notes.are_later_than(0, &ingest), "nobody goes on: there is nothing to write");
    let line =
        format!("sample,flood=7,label=a rt=1,ok=t {}\nledger,flood=7,source=s seq=1i,samples=1i", 1_000 * S);
    ingest.datagram(at(1_005), SocketId(0), line.as_bytes());
    notes.note_if_due(&ingest, Mono(1));
    drop(notes);
    let found = Earlier::take(None, true, state.path(), 2, &mut Vec::new());
    assert_eq!((found.known[0].sources[0].samples, found.aggregated.values().sum::<u64>()), (1, 13));
}

#[test]
fn a_copy_of_a_state_directory_leaves_a_live_process_its_files() {
    let root = tempfile::tempdir().unwrap();
    let live = Carry::locked_below(root.path(), "n", 1).unwrap();
    let why = Carry::locked_below(root.path(), "n", 2).unwrap_err();
    assert_eq!(why.kind(), std::io::ErrorKind::ResourceBusy);
    drop(live);
    assert!(Carry::locked_below(root.path(), "n", 2).is_ok());
}

#[test]
fn a_pipe_of_such_a_name_holds_nobody_up() {
    let (root, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let nonce = "0123456789abcdef";
    fs::write(state.path().join("nonce"), nonce).unwrap();
    let carry = Carry::below(root.path(), nonce, 1).unwrap();
    let key = carry.key(0, 5, 0);
    for path in [
        carry.path(key, OPEN),
        carry.path(key, CLOSED),
        carry.dir.join("1.0.told"),
        carry.dir.join("1.progress"),
    ] {
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRUSR).unwrap();
    }
    assert!(survey::survey_below(root.path(), state.path()).is_empty());
    let found = Carry::below(root.path(), nonce, 2).unwrap().take_over(&rollup(), |_, _| false);
    let mut remarks = found.remarks;
    Earlier::read(&[&carry.dir], &mut remarks).forget();
    found.said.iter().for_each(|path| fs::remove_file(path).unwrap());
    assert_eq!((found.batches.len(), remarks.len()), (0, 3), "{remarks:?}");
    assert_eq!(fs::read_dir(&carry.dir).unwrap().count(), 0);
}

/// A run that has closed, and one sample of it never came: a start finds it as it was until the accounts have it, and what its
/// source lost until a receipt says so.
#[test]
fn a_run_that_closes_is_noted_until_its_account_is_durable_and_its_receipt_is_said() {
    let (root, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for memory in [true, false] {
        let carry = Carry::below(root.path(), "n", 1).unwrap();
        let mut ingest = ingest();
        let line = |seq, sent| {
            format!(
                "sample,flood=7,label=a rt=1,ok=t {}\nledger,flood=7,source=s seq={seq}i,samples={sent}i",
                1_000 * S
            )
        };
        ingest.datagram(at(1_005), SocketId(0), line(2, 5).as_bytes());
        let mut notes = Notes::new(memory.then(|| carry.clone()), state.path(), 1);
        let closing = notes.closing();
        ingest.close_all(at(1_006));
        notes.have_closed(ingest.take_closing());
        notes.note(&ingest);
        let found = |number: u64| {
            while !closing.is_kept(number) {
                std::thread::yield_now();
            }
            let found = Earlier::read(&[&carry.dir, &state.path().join("progress")], &mut Vec::new());
            let mark = found.known[0].sources[0].clone();
            (found.aggregated.values().sum::<u64>(), mark.samples, mark.lost)
        };
        assert_eq!(found(notes.last()), (13, 5, 4), "killed now, nobody has heard of the four");
        // The same flood goes on meanwhile, and loses two more.
        ingest.datagram(at(1_007), SocketId(0), line(4, 8).as_bytes());
        notes.note(&ingest);
        assert_eq!(found(notes.last()), (14, 8, 6));
        assert_eq!(found(closing.is_durable(0)), (1, 8, 6));
        closing.is_said(0);
        assert_eq!(found(notes.last()), (1, 8, 2));
        drop((notes, closing));
        std::fs::remove_dir_all(&carry.dir).unwrap();
    }
}

#[test]
fn what_a_state_directory_owes_stays_however_old_and_so_does_what_a_process_works_on() {
    let (root, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let nonce = "0123456789abcdef";
    fs::write(state.path().join("nonce"), nonce).unwrap();
    let old = || Carry::below(root.path(), nonce, 1).unwrap().owned_by(state.path(), nonce).unwrap();
    let aged = |carry: &Carry| {
        fs::write(carry.dir.join("x"), "").unwrap();
        fs::File::open(&carry.dir).unwrap().set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
        carry.dir.clone()
    };
    let start_beside = || drop(Carry::below(root.path(), "other", 1).unwrap());
    let dir = aged(&old());
    start_beside();
    assert!(dir.exists(), "its owner is there");
    fs::remove_file(state.path().join("nonce")).unwrap();
    let lock = DirLock::take(&dir).unwrap();
    start_beside();
    assert!(dir.exists(), "somebody works there");
    drop(lock);
    start_beside();
    assert!(!dir.exists());
    let carry = old();
    carry.close();
    assert!(!dir.exists(), "the link keeps nothing there");
}
