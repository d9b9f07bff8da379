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
