//! The spool on a real file system, with the faults that a disk and a crash can make.

use super::*;
use flate2::read::GzDecoder;
use gridnode_core::outbound::delivery::{Amount, BatchAccount};
use std::collections::BTreeMap;
use std::io::Read;

const NOW: Wall = Wall(1_700_000_000_123_000_000);

fn run() -> RunName {
    "7.1".into()
}

/// `n` points, each of which counts 10 samples, with labels that try to mislead.
fn lines(n: usize) -> Vec<u8> {
    let line = |i| {
        format!(
            "transaction_rate_mean,flood=7,label_id={i:016x} value=1.0,count=10i,label=\"a,count=99i b\\\" count=5i\" {i}\n"
        )
    };
    (0..n).map(line).collect::<String>().into_bytes()
}

fn open(dir: &Path) -> (Spool, SpoolContents) {
    Spool::open(dir).unwrap()
}

fn content(file: &BatchFile) -> Vec<u8> {
    let mut out = Vec::new();
    GzDecoder::new(std::fs::File::open(&file.path).unwrap()).read_to_end(&mut out).unwrap();
    out
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn one(mut files: Vec<BatchFile>) -> BatchFile {
    assert_eq!(files.len(), 1);
    files.remove(0)
}

#[test]
fn a_batch_survives_a_restart_under_the_same_id() {
    let dir = tempfile::tempdir().unwrap();
    let (mut spool, found) = open(dir.path());
    assert!(found.batches.is_empty());
    let file = one(spool.write_batch(&run(), NOW, &lines(3), 30).unwrap());
    assert_eq!(content(&file), lines(3));
    assert_eq!(names(&dir.path().join("spool/7.1")), ["1700000000123-1-1-30-3.lp.gz"]);
    drop(spool);
    let (spool, found) = open(dir.path());
    let again = one(found.batches);
    assert_eq!((&again.batch, &again.path), (&file.batch, &file.path));
    assert!(again.unproven && !file.unproven);
    assert_eq!(spool.incarnation(), 2);
}

#[test]
fn a_second_agent_is_refused_and_told_by_whom() {
    let dir = tempfile::tempdir().unwrap();
    let first = open(dir.path());
    let refused = Spool::open(dir.path()).unwrap_err().to_string();
    assert!(
        refused.contains(&format!("in use by another agent (process {})", std::process::id())),
        "{refused}"
    );
    drop(first);
    open(dir.path());
}

#[test]
fn what_is_not_a_batch_is_tidied_up_and_never_a_reason_not_to_start() {
    let dir = tempfile::tempdir().unwrap();
    let (mut spool, _) = open(dir.path());
    spool.write_batch(&run(), NOW, &lines(2), 20).unwrap();
    drop(spool);
    let run_dir = dir.path().join("spool/7.1");
    std::fs::write(run_dir.join("1700000000123-1-2-20-2.lp.gz.tmp"), b"half").unwrap();
    std::fs::write(run_dir.join("1700000000123-1-3-20-2.lp.gz"), b"").unwrap();
    std::fs::write(run_dir.join("notes.txt"), b"x").unwrap();
    std::fs::write(run_dir.join("01-1-4-20-2.lp.gz"), b"another spelling").unwrap();
    std::fs::create_dir(run_dir.join("1-1-5-1-1.lp.gz")).unwrap();
    std::fs::write(dir.path().join("spool/stray"), b"x").unwrap();
    std::fs::create_dir(dir.path().join("spool/8.1")).unwrap();
    std::fs::write(dir.path().join("incarnation"), b"\0\0\0").unwrap();
    std::fs::write(dir.path().join("counters.json"), b"{").unwrap();
    let (spool, found) = open(dir.path());
    assert_eq!(spool.incarnation(), 2, "above that of any spooled batch");
    assert_eq!((found.batches.len(), found.corrupt), (1, 5));
    assert_eq!(names(&dir.path().join("spool")), ["7.1"]);
    assert_eq!(names(&run_dir), ["1700000000123-1-1-20-2.lp.gz"]);
    assert_eq!(found.remarks.len(), 7, "{:#?}", found.remarks);
}

#[test]
fn a_split_keeps_every_line_and_every_sample() {
    let dir = tempfile::tempdir().unwrap();
    let (mut spool, _) = open(dir.path());
    let whole = one(spool.write_batch(&run(), NOW, &lines(5), 53).unwrap());
    let parts = spool.split(&whole).unwrap();
    let joined: Vec<u8> = parts.iter().flat_map(content).collect();
    assert_eq!(joined, lines(5));
    let samples: Vec<_> = parts.iter().map(|p| (p.batch.points, p.batch.samples)).collect();
    assert_eq!(samples, [(3, 30), (2, 23)]);
    assert!(!whole.path.exists());
    drop(spool);
    assert_eq!(open(dir.path()).1.batches.len(), 2);
}

#[test]
fn a_split_that_was_cut_short_did_not_happen() {
    let dir = tempfile::tempdir().unwrap();
    let (mut spool, _) = open(dir.path());
    let whole = one(spool.write_batch(&run(), NOW, &lines(4), 40).unwrap());
    let kept = std::fs::read(&whole.path).unwrap();
    spool.split(&whole).unwrap();
    std::fs::write(&whole.path, kept).unwrap();
    drop(spool);
    let (_, found) = open(dir.path());
    assert_eq!(one(found.batches).batch, whole.batch);
    assert_eq!(names(whole.path.parent().unwrap()).len(), 1);
}

#[test]
fn a_truncated_batch_is_corrupt_and_set_aside() {
    let dir = tempfile::tempdir().unwrap();
    let (mut spool, _) = open(dir.path());
    let file = one(spool.write_batch(&run(), NOW, &lines(50), 500).unwrap());
    let body = std::fs::read(&file.path).unwrap();
    for length in [0, 1, 9, 10, body.len() / 2, body.len() - 1] {
        std::fs::write(&file.path, &body[..length]).unwrap();
        let error = spool.split(&file).unwrap_err();
        assert!(matches!(error, SpoolError::Corrupt { .. }), "{length}: {error}");
    }
    let to = spool.set_aside(&file).unwrap();
    assert!(to.starts_with(dir.path().join("corrupt")) && to.exists() && !file.path.exists());
}

#[test]
fn more_than_a_batch_may_hold_becomes_several() {
    let dir = tempfile::tempdir().unwrap();
    let (mut spool, _) = open(dir.path());
    let files = spool.write_batch(&run(), NOW, &lines(BATCH_POINTS_MAX + 1), 50_010).unwrap();
    assert_eq!(files.iter().map(|f| f.batch.points).collect::<Vec<_>>(), [2_501, 2_500]);
    assert_eq!(files.iter().map(|f| f.batch.samples).sum::<u64>(), 50_010);

    let mut noise = 1_u64;
    let mut line = |i: usize| {
        let text: String = (0..64 * 1024)
            .map(|_| {
                noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                char::from(b'!' + (noise >> 58) as u8)
            })
            .filter(|c| *c != '"')
            .collect();
        format!("m,i={i} text=\"{text}\" {i}\n")
    };
    let bulky: String = (0..40).map(&mut line).collect();
    let files = spool.write_batch(&run(), NOW, bulky.as_bytes(), 0).unwrap();
    assert!(files.len() > 1);
    assert!(files.iter().all(|f| f.batch.bytes <= BATCH_BYTES_MAX as u64));
    let joined: Vec<u8> = files.iter().flat_map(content).collect();
    assert_eq!(joined, bulky.as_bytes());
}

#[test]
fn the_quarantine_keeps_the_batch_with_the_reason_and_a_bound() {
    let dir = tempfile::tempdir().unwrap();
    let (mut spool, _) = open(dir.path());
    spool.limits = AsideLimits { files_max: 4, bytes_max: 1 << 20 };
    for _ in 0..3 {
        let file = one(spool.write_batch(&run(), NOW, &lines(1), 10).unwrap());
        spool.quarantine(&file, "the Drain cannot read it", SavedAccounts::default()).unwrap();
        assert!(!file.path.exists());
    }
    let kept = names(&dir.path().join("quarantine"));
    assert!(kept.len() <= 4 && kept.contains(&"7.1__1700000000123-1-3-10-1.lp.gz".to_owned()), "{kept:?}");
    let reason = dir.path().join("quarantine/7.1__1700000000123-1-3-10-1.lp.gz.reason");
    assert_eq!(std::fs::read_to_string(reason).unwrap(), "the Drain cannot read it\n");
    assert!(spool.aside_dropped() >= 2);
}

#[test]
fn a_batch_counted_as_gone_does_not_come_back() {
    for reason in [None, Some("too large".to_owned())] {
        let dir = tempfile::tempdir().unwrap();
        let (mut spool, _) = open(dir.path());
        let file = one(spool.write_batch(&run(), NOW, &lines(1), 10).unwrap());
        let other = one(spool.write_batch(&run(), NOW, &lines(1), 10).unwrap());
        let evicted = BatchAccount { evicted: Amount { batches: 1, samples: 10 }, ..BatchAccount::default() };
        let leaving =
            Leaving { batch: FileName::of(&file.batch).to_string(), quarantine_reason: reason.clone() };
        let saved =
            SavedAccounts { runs: BTreeMap::from([("7.1".to_owned(), evicted)]), leaving: vec![leaving] };
        // The crash comes between the counters and the file.
        spool.save(&saved).unwrap();
        drop(spool);
        let (_, found) = open(dir.path());
        assert_eq!(one(found.batches).batch, other.batch);
        assert_eq!(found.saved.runs["7.1"], evicted);
        assert!(!file.path.exists());
        assert_eq!(names(&dir.path().join("quarantine")).len(), if reason.is_some() { 2 } else { 0 });
    }
}

#[test]
fn eviction_deletes_after_the_counters_are_durable() {
    let dir = tempfile::tempdir().unwrap();
    let (mut spool, _) = open(dir.path());
    let file = one(spool.write_batch(&run(), NOW, &lines(1), 10).unwrap());
    // A directory in the way of the counters: they cannot be written, so the batch stays.
    std::fs::create_dir(dir.path().join("counters.json")).unwrap();
    spool.evict(std::slice::from_ref(&file), SavedAccounts::default()).unwrap_err();
    assert!(file.path.exists());
    std::fs::remove_dir(dir.path().join("counters.json")).unwrap();
    spool.evict(std::slice::from_ref(&file), SavedAccounts::default()).unwrap();
    assert!(!file.path.exists());
    spool.delete(&file).unwrap();
}

/// A symbolic link to `/dev/full` where the temporary file will be: every write to it finds the disk full.
fn fill_the_disk_for(path: &Path) {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".tmp");
    std::os::unix::fs::symlink("/dev/full", temporary).unwrap();
}

#[test]
fn a_full_disk_is_a_sentence_and_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let (mut spool, _) = open(dir.path());
    let file = one(spool.write_batch(&run(), NOW, &lines(4), 40).unwrap());
    let run_dir = dir.path().join("spool/7.1");
    fill_the_disk_for(&run_dir.join("1700000000123-1-2-10-1.lp.gz"));
    let error = spool.write_batch(&run(), NOW, &lines(1), 10).unwrap_err();
    assert!(error.is_disk_full() && error.to_string().contains("the disk is full"), "{error}");
    assert_eq!(names(&run_dir).len(), 1);

    // The second part of a split finds the disk full: the whole stays, the first part goes.
    fill_the_disk_for(&run_dir.join("1700000000123-1-4-20-2-of1.1.lp.gz"));
    assert!(spool.split(&file).unwrap_err().is_disk_full());
    assert_eq!(names(&run_dir), ["1700000000123-1-1-40-4.lp.gz"]);

    // Room comes before accounts.
    fill_the_disk_for(&dir.path().join("counters.json"));
    spool.evict(std::slice::from_ref(&file), SavedAccounts::default()).unwrap();
    assert!(!file.path.exists());
}

#[test]
fn a_state_directory_that_cannot_be_is_a_sentence() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = Spool::open(&file.path().join("state")).unwrap_err().to_string();
    assert!(error.contains("a state directory that it may write"), "{error}");
}

proptest::proptest! {
    #[test]
    fn file_names_say_back_what_they_were_told(
        created_ms in 0..i64::MAX / 1_000_000, incarnation: u32, number: u64, samples: u64, points: u32,
        parent in proptest::option::of((0..u32::MAX, 0..u64::MAX)),
    ) {
        let parent = parent.map(|(incarnation, number)| BatchId { incarnation, number });
        let name = FileName { created_ms, batch: BatchId { incarnation, number }, samples, points, parent };
        proptest::prop_assert_eq!(FileName::parse(&name.to_string()), Some(name));
    }

    #[test]
    fn any_text_is_a_file_name_or_not(text in "[-0-9of.lpgz+ ]{0,40}") {
        if let Some(name) = FileName::parse(&text) {
            proptest::prop_assert_eq!(name.to_string(), text);
        }
    }

    #[test]
    fn halves_are_the_whole(text in "[a\n \r]{0,60}") {
        let (a, b) = halves(text.as_bytes());
        proptest::prop_assert_eq!([a, b].concat(), text.as_bytes());
        let (na, nb) = (count_points(a), count_points(b));
        proptest::prop_assert!(na == nb || na == nb + 1, "{} and {}", na, nb);
    }
}

#[test]
fn a_directory_of_a_later_agent_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    drop(Spool::open(dir.path()).unwrap());
    let layout = dir.path().join("layout");
    assert_eq!(std::fs::read_to_string(&layout).unwrap(), "1\n");
    std::fs::write(&layout, "2\n").unwrap();
    let error = Spool::open(dir.path()).unwrap_err();
    assert!(matches!(error, SpoolError::Newer { found: 2, known: 1, .. }), "{error}");
    assert_eq!(std::fs::read_to_string(dir.path().join("incarnation")).unwrap(), "1", "nothing was written");
}
