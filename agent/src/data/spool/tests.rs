//! The state directory on a real file system, with the faults that a disk and a person can make.

use super::*;
use gridnode_core::base::run::RunName;
use gridnode_core::outbound::pack::pack;
use gridnode_core::outbound::spool::{FaultKind, Job, Operation, recover};

fn open(dir: &Path) -> (Spool, SpoolContents) {
    Spool::open(dir).unwrap()
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn write(spool: &Spool, name: &str) {
    let path = format!("spool/7.1/{name}");
    let temporary = format!("{path}.tmp");
    let operations = vec![
        Operation::MakeDir("spool/7.1".to_owned()),
        Operation::Write { path: temporary.clone(), body: pack(b"m v=1 1\n", 1).remove(0).body },
        Operation::Sync(temporary.clone()),
        Operation::Rename { from: temporary, to: path, done_before: false },
        Operation::SyncDir("spool/7.1".to_owned()),
    ];
    assert_eq!(spool.carry_out(&Job { ticket: 1, operations }).result, Ok(Vec::new()));
}

#[test]
fn a_batch_survives_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, found) = open(dir.path());
    assert!(found.start.listing.runs.is_empty() && found.start.incarnation == 1);
    write(&spool, "1700000000123-1-1-30-3.lp.gz");
    drop(spool);
    let (spool, found) = open(dir.path());
    let recovered = recover(found.start.listing, &found.start.saved, &found.start.carried);
    assert_eq!((recovered.batches.len(), recovered.batches[0].batch.samples), (1, 30));
    assert_eq!(spool.incarnation(), 2);
}

#[test]
fn a_second_agent_is_refused_and_told_by_whom() {
    let dir = tempfile::tempdir().unwrap();
    let first = open(dir.path());
    let refused = Spool::open(dir.path()).unwrap_err().to_string();
    assert!(
        refused.contains(&format!("in use by another process of gridnode ({})", std::process::id())),
        "{refused}"
    );
    drop(first);
    open(dir.path());
}

#[test]
fn what_is_not_a_batch_is_no_reason_not_to_start() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path());
    write(&spool, "1700000000123-1-1-20-2.lp.gz");
    drop(spool);
    let run_dir = dir.path().join("spool/7.1");
    std::fs::write(run_dir.join("1700000000123-1-2-20-2.lp.gz.tmp"), b"half").unwrap();
    std::fs::write(run_dir.join("1700000000123-1-3-20-2.lp.gz"), b"").unwrap();
    std::fs::write(run_dir.join("notes.txt"), b"x").unwrap();
    std::fs::write(run_dir.join("01-1-4-20-2.lp.gz"), b"another spelling").unwrap();
    std::fs::create_dir(run_dir.join("1-1-5-1-1.lp.gz")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", run_dir.join("1-1-6-1-1.lp.gz")).unwrap();
    std::fs::write(dir.path().join("spool/stray"), b"x").unwrap();
    std::fs::create_dir(dir.path().join("spool/8.1")).unwrap();
    let (_, found) = open(dir.path());
    let recovered = recover(found.start.listing, &found.start.saved, &found.start.carried);
    assert_eq!((recovered.batches.len(), recovered.empty.len()), (1, 1));
    assert_eq!((recovered.strays.len(), recovered.litter.len()), (5, 1), "{recovered:?}");
    assert_eq!(names(&dir.path().join("spool")), ["7.1", "stray"], "an empty directory is litter");
}

#[test]
fn what_must_not_be_guessed_at_is_an_error_that_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    std::fs::write(dir.path().join("incarnation"), b"\xff\xff").unwrap();
    let refused = Spool::open(dir.path()).unwrap_err().to_string();
    assert!(refused.contains("incarnation") && refused.contains("certainly higher"), "{refused}");
    std::fs::write(dir.path().join("counters.json"), br#"{"runs":{},"incarnation":5}"#).unwrap();
    assert_eq!(open(dir.path()).0.incarnation(), 6, "the accounts know it, too");
    std::fs::write(dir.path().join("counters.json"), b"{").unwrap();
    let refused = Spool::open(dir.path()).unwrap_err().to_string();
    assert!(refused.contains("counters.json") && refused.contains("move this file away"), "{refused}");
    assert_eq!(std::fs::read(dir.path().join("incarnation")).unwrap(), b"6", "nothing was written");
}

/// A symbolic link to `/dev/full`: every write to it finds the disk full.
#[test]
fn faults_are_told_apart_and_name_the_operation() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path());
    std::os::unix::fs::symlink("/dev/full", dir.path().join("full")).unwrap();
    std::fs::write(dir.path().join("rotten"), b"no gzip").unwrap();
    let failed = |operation: Operation| {
        let operations = vec![Operation::SyncDir(String::new()), operation];
        spool.carry_out(&Job { ticket: 7, operations }).result.unwrap_err()
    };
    let (at, fault) = failed(Operation::Write { path: "full".to_owned(), body: b"x"[..].into() });
    assert_eq!((at, fault.kind), (1, FaultKind::Full));
    assert!(fault.sentence.contains("the disk is full"), "{}", fault.sentence);
    for path in ["rotten", "absent"] {
        let path = path.to_owned();
        let (_, fault) = failed(Operation::ReadHalves { path, checksum: None, points: 2, samples: 1 });
        assert_eq!(fault.kind, FaultKind::Corrupt, "{}", fault.sentence);
    }
    let rename =
        |done_before| Operation::Rename { from: "absent".to_owned(), to: "x".to_owned(), done_before };
    assert_eq!(failed(rename(false)).1.kind, FaultKind::Other);
    let fine = vec![
        rename(true),
        Operation::Unlink("absent".to_owned()),
        Operation::SyncDir("absent".to_owned()),
        Operation::RemoveDir("spool".to_owned()),
    ];
    assert!(spool.carry_out(&Job { ticket: 7, operations: fine }).result.is_ok());
}

#[test]
fn a_state_directory_that_cannot_be_is_a_sentence() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = Spool::open(&file.path().join("state")).unwrap_err().to_string();
    assert!(error.contains("a state directory that it may write"), "{error}");
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

#[test]
fn pipes_with_a_batchs_name_hold_up_nobody_who_looks() {
    let dir = tempfile::tempdir().unwrap();
    let _ = Spool::open(dir.path()).unwrap();
    let mode = nix::sys::stat::Mode::S_IRUSR;
    std::fs::create_dir(dir.path().join("spool/7.1")).unwrap();
    for name in [
        "spool/7.1/1-1-1-1-1.lp.gz",
        "quarantine/7.1__1-1-2-1-1.lp.gz",
        "quarantine/7.1__1-1-3-1-1.lp.gz.reason",
    ] {
        nix::unistd::mkfifo(&dir.path().join(name), mode).unwrap();
    }
    std::fs::write(dir.path().join("quarantine/7.1__1-1-3-1-1.lp.gz"), "?").unwrap();
    let found = offline::list(dir.path()).unwrap();
    let reasons: Vec<_> = found.iter().map(|batch| batch.reason.clone()).collect();
    let no_batch = Some("no batch: it is not a file".to_owned());
    assert_eq!(reasons, [no_batch.clone(), no_batch, None]);
    assert!(found.iter().all(|batch| batch.verify(dir.path()).is_err()));
    assert!(offline::replayable(dir.path(), &found).is_err());
}

#[test]
fn a_copy_of_a_batch_is_set_aside_and_not_counted() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path());
    write(&spool, "1700000000123-1-1-1-1.lp.gz");
    drop(spool);
    let run_dir = dir.path().join("spool/7.1");
    let batch = run_dir.join("1700000000123-1-1-1-1.lp.gz");
    std::fs::copy(&batch, run_dir.join("1700000000123-1-9-1-1.lp.gz")).unwrap();
    std::fs::hard_link(&batch, run_dir.join("1700000000999-1-2-1-1.lp.gz")).unwrap();
    let mut other = std::fs::read(&batch).unwrap();
    other[4] ^= 1;
    std::fs::write(run_dir.join("1700000000124-1-3-1-1.lp.gz"), other).unwrap();
    let faults = offline::copied(dir.path(), &offline::list(dir.path()).unwrap());
    assert_eq!(faults.len(), 2, "{faults:?}");
    let (_, found) = open(dir.path());
    let recovered = recover(found.start.listing, &found.start.saved, &found.start.carried);
    let kept: Vec<_> = recovered.batches.iter().map(|found| found.name.batch.number).collect();
    assert_eq!((kept, recovered.strays.len()), (vec![1, 3], 2), "{:?}", recovered.remarks);
    assert!(
        recovered
            .remarks
            .iter()
            .all(|remark| remark.contains("is a copy of spool/7.1/1700000000123-1-1-1-1"))
    );
}

/// Killed after the accounts had all of it, and one of two files was moved; then given again, or a start comes.
#[test]
fn sending_again_that_was_interrupted_counts_each_batch_once() {
    for is_given_again in [true, false] {
        let dir = tempfile::tempdir().unwrap();
        drop(open(dir.path()));
        let aside = |number: u64| format!("quarantine/7.1__1700000000123-1-{number}-1-1.lp.gz");
        for number in [1, 2] {
            let body = pack(format!("m v={number} 1\n").as_bytes(), 1).remove(0).body;
            std::fs::write(dir.path().join(aside(number)), body).unwrap();
        }
        let two = r#"{"batches":2,"samples":2}"#;
        let none = r#"{"batches":0,"samples":0}"#;
        let account = format!(
            r#"{{"runs":{{"7.1":{{"entered":{two},"delivered":{none},"spooled":{two},"evicted":{none},"quarantined":{none},"uncertain":{none},"retries":0,"splits":0,"aggregated":2}}}},"incarnation":1,"next_number":3,"returning":["{}","{}"]}}"#,
            aside(1),
            aside(2)
        );
        std::fs::write(dir.path().join("counters.json"), account).unwrap();
        std::fs::create_dir(dir.path().join("spool/7.1")).unwrap();
        let back = dir.path().join("spool/7.1/1700000000123-1-1-1-1.lp.gz");
        std::fs::rename(dir.path().join(aside(1)), back).unwrap();
        if is_given_again {
            let rest = offline::list(dir.path()).unwrap();
            assert!(offline::replay(dir.path(), &rest).unwrap().is_empty());
        }
        let (_, found) = open(dir.path());
        let recovered = recover(found.start.listing, &found.start.saved, &found.start.carried);
        let account = recovered.runs[&RunName::from("7.1")].account;
        assert_eq!(
            (recovered.batches.len(), account.spooled.samples, account.unexplained.samples),
            (2, 2, 0)
        );
        assert_eq!(recovered.runs[&RunName::from("7.1")].aggregated, 2);
    }
}

#[test]
fn what_an_agent_has_taken_away_since_it_was_listed_is_no_fault_of_it() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    let path = dir.path().join("quarantine/7.1__1700000000123-1-1-1-1.lp.gz");
    std::fs::write(&path, "no gzip").unwrap();
    let listed = offline::list(dir.path()).unwrap();
    assert!(listed[0].verify(dir.path()).is_err());
    std::fs::remove_file(&path).unwrap();
    assert_eq!(listed[0].verify(dir.path()), Ok(()));
    let refused = offline::replayable(dir.path(), &listed).unwrap_err();
    assert!(refused.contains("is gone"), "{refused}");
}

/// A full disk keeps what has left in the spool, until there is room for it elsewhere.
#[test]
fn what_has_left_by_the_accounts_is_shown_where_it_goes_to() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    std::fs::create_dir(dir.path().join("spool/7.1")).unwrap();
    let name = |number: u64| format!("1700000000123-1-{number}-1-1.lp.gz");
    for number in [1, 2] {
        let body = pack(format!("transaction_rate_mean count=1i {number}\n").as_bytes(), 1).remove(0).body;
        std::fs::write(dir.path().join("spool/7.1").join(name(number)), body).unwrap();
    }
    let [two, one, none] = [2, 1, 0].map(|n| format!(r#"{{"batches":{n},"samples":{n}}}"#));
    let account = format!(
        r#"{{"runs":{{"7.1":{{"entered":{two},"delivered":{one},"spooled":{none},"evicted":{none},"quarantined":{one},"uncertain":{none},"retries":0,"splits":0,"aggregated":2}}}},"incarnation":1,"next_number":3,"leaving":[{{"batch":"{}"}},{{"batch":"{}","quarantine_reason":"refused: 400"}}]}}"#,
        name(1),
        name(2)
    );
    std::fs::write(dir.path().join("counters.json"), account).unwrap();
    let found = offline::list(dir.path()).unwrap();
    let shown: Vec<_> =
        found.iter().map(|batch| (batch.place, batch.file.batch.number, batch.reason.as_deref())).collect();
    assert_eq!(shown, [(offline::Place::Quarantine, 2, Some("refused: 400"))]);
    assert!(offline::replay(dir.path(), &found).unwrap().is_empty());
    let (_, found) = open(dir.path());
    let recovered = recover(found.start.listing, &found.start.saved, &found.start.carried);
    let account = recovered.runs[&RunName::from("7.1")].account;
    let counted = (account.delivered.samples, account.spooled.samples, account.quarantined.samples);
    assert_eq!((recovered.batches.len(), recovered.leaving.len(), counted), (1, 1, (1, 1, 0)));
}

/// Two nodes of one flood give their batches the same numbers in directories of the same name.
#[test]
fn spools_of_two_nodes_are_brought_together() {
    let [one, other] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let start = |dir: &Path| {
        let (spool, found) = open(dir);
        let writer = found.start.writer;
        let name = format!("1700000000123-1-1-1-1-by{writer:x}.lp.gz");
        std::fs::create_dir_all(dir.join("spool/7.1")).unwrap();
        let line = format!("transaction_rate_mean,node={writer} count=1i 1\n");
        let body = pack(line.as_bytes(), 1).remove(0).body;
        std::fs::write(dir.join("spool/7.1").join(&name), body).unwrap();
        drop(spool);
        (writer, name)
    };
    let ((mine, kept), (_, name)) = (start(one.path()), start(other.path()));
    std::fs::copy(other.path().join("spool/7.1").join(&name), one.path().join("spool/7.1").join(&name))
        .unwrap();
    let (spool, found) = open(one.path());
    let recovered = recover(found.start.listing, &found.start.saved, &found.start.carried);
    assert_eq!((recovered.batches.len(), recovered.strays.len()), (2, 0), "{:?}", recovered.remarks);
    drop(spool);
    // Its own is delivered: only its own comes back in vain.
    let finished =
        format!(r#"{{"runs":{{}},"incarnation":2,"next_number":2,"finished":{{"1":{{"{mine}":[[1,1]]}}}}}}"#);
    std::fs::write(one.path().join("counters.json"), finished).unwrap();
    let found = offline::list(one.path()).unwrap();
    let places: Vec<_> = found.iter().map(|batch| (batch.place, batch.name.ends_with(&kept))).collect();
    assert_eq!(places, [(offline::Place::Spool, false), (offline::Place::Corrupt, true)]);
    assert!(
        offline::replayable(one.path(), &found[1..])
            .unwrap_err()
            .contains("a copy of a batch that was delivered")
    );
    let (_, found) = open(one.path());
    let recovered = recover(found.start.listing, &found.start.saved, &found.start.carried);
    assert_eq!((recovered.batches.len(), recovered.strays.len()), (1, 1), "{:?}", recovered.remarks);
}
