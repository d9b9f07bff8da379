use super::*;
use crate::data::drain::DrainUrl;
use crate::data::spool::Spool;

fn batch() -> Packed {
    pack::pack(b"m v=1 1\n", 1).remove(0)
}

#[tokio::test]
async fn a_disk_that_does_not_answer_fills_no_memory() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, found) = Spool::open(dir.path()).unwrap();
    let (disk, mut answers) = Disk::start(spool).unwrap();
    let nobody = DrainUrl::parse("http://127.0.0.1:9", None).unwrap();
    let client = DrainClient::new(nobody, "n").unwrap();
    let dir = dir.path().to_owned();
    let (mut outbound, _) =
        Outbound::new(OutboundSettings::default(), disk, Poster::Drain(Box::new(client)), dir, found);

    let name = RunName::from("7.1");
    let mut taken = 0;
    while outbound.takes_batches() {
        assert!(taken < 10_000, "it takes and takes");
        outbound.batch(clock::now(), &name, batch(), None);
        taken += 1;
    }
    assert!(taken > 1 && outbound.account(&name).spooled == taken);
    while !outbound.takes_batches() {
        let answer = answers.recv().await.unwrap();
        outbound.disk_done(clock::now(), answer);
    }

    outbound.disk_lost(clock::now());
    assert!(outbound.takes_batches(), "what comes after the disk's end is counted as given up at once");
    outbound.batch(clock::now(), &name, batch(), None);
    assert!(outbound.account(&name).evicted >= 1);
    assert_eq!(outbound.account(&name).total(), taken + 1);
}

/// Accounts of runs that are over are dropped after a while, and a run may go on for longer than that.
#[tokio::test]
async fn a_pointer_does_not_end_its_run() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, found) = Spool::open(dir.path()).unwrap();
    let (disk, _answers) = Disk::start(spool).unwrap();
    let nobody = DrainUrl::parse("http://127.0.0.1:9", None).unwrap();
    let client = Poster::Drain(Box::new(DrainClient::new(nobody, "n").unwrap()));
    let (mut outbound, _) =
        Outbound::new(OutboundSettings::default(), disk, client, dir.path().to_owned(), found);
    for (name, is_over) in [("7.1", false), ("7.0", true)] {
        let (run, lines) = (RunName::from(name), b"trace v=1 1\n".to_vec());
        let stored = Stored { batch: BatchId::default(), run: run.clone(), id: String::new(), lines };
        outbound.pointer(clock::now(), stored, is_over);
        assert_eq!(outbound.over.contains_key(&run), is_over, "{name}");
    }
}
