use super::*;
use crate::data::drain::DrainUrl;
use crate::data::spool::Spool;
use gridnode_core::outbound::delivery::Settings;

fn batch() -> Batch {
    Batch { body: b"m v=1 1\n".to_vec(), points: 1, samples: 1 }
}

#[tokio::test]
async fn a_disk_that_does_not_answer_fills_no_memory() {
    let dir = tempfile::tempdir().unwrap();
    let (disk, mut answers) = Disk::start(Spool::open(dir.path()).unwrap().0).unwrap();
    let nobody = DrainUrl::parse("http://127.0.0.1:9", None).unwrap();
    let client = DrainClient::new(nobody, "n").unwrap();
    let delivery = Delivery::new(Settings::default());
    let mut outbound = Outbound::new(delivery, disk, client, Vec::new(), SavedAccounts::default());

    let name = RunName::from("7.1");
    let mut taken = 0;
    while outbound.takes_batches() {
        assert!(taken < 10_000, "it takes and takes");
        outbound.batch(clock::now(), &name, batch());
        taken += 1;
    }
    assert!(taken > 1);
    let answer = answers.recv().await.unwrap();
    outbound.disk_done(clock::now(), answer);
    assert!(outbound.takes_batches(), "room again with the first answer");

    outbound.disk_lost();
    assert!(outbound.takes_batches(), "what comes after the disk's end is counted as given up at once");
    outbound.batch(clock::now(), &name, batch());
    assert_eq!(outbound.account(&name).evicted, 1);
}
