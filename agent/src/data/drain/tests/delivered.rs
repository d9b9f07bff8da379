//! Delivery, spool, disk thread and client together, against a Drain that goes through every class of answer.

use super::*;
use crate::data::disk::{Disk, DiskDone, DiskJob, WriteJob};
use crate::data::spool::SavedAccounts;
use gridnode_core::base::run::RunName;
use gridnode_core::base::time::{Mono, Now};
use gridnode_core::outbound::delivery::{BatchAccount, BatchId, Delivery, Input, Output, Settings};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use tokio::sync::mpsc::Receiver;

/// The smallest possible driver. Its clock is moved to the machine's next deadline whenever nothing is under way.
struct Driver {
    delivery: Delivery,
    disk: Disk,
    done: Receiver<DiskDone>,
    client: DrainClient,
    files: BTreeMap<BatchId, BatchFile>,
    now: Now,
    said: Vec<String>,
}

impl Driver {
    fn new(spool: Spool, url: &str) -> Self {
        let (disk, done) = Disk::start(spool).unwrap();
        let delivery = Delivery::new(Settings { seed: 1, in_flight_max: 1, ..Settings::default() });
        let now = Now { mono: Mono(0), wall: Wall(1_700_000_000_000_000_000) };
        Self { delivery, disk, done, client: client(url), files: BTreeMap::new(), now, said: Vec::new() }
    }

    async fn write(&mut self, lines: &str, samples: u64) {
        let lines = lines.as_bytes().to_vec();
        let job = WriteJob { ticket: 1, run: "7.1".into(), created: self.now.wall, lines, samples };
        self.disk.submit(DiskJob::Write(job));
        let Some(DiskDone::Written { files, .. }) = self.done.recv().await else { panic!("not written") };
        for file in files {
            self.files.insert(file.batch.batch, file.clone());
            self.input(Input::Spooled(file.batch)).await;
        }
    }

    async fn input(&mut self, input: Input) {
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            self.delivery.handle(self.now, input);
            while let Some(output) = self.delivery.poll_output() {
                inputs.extend(self.act(output).await);
            }
        }
    }

    async fn act(&mut self, output: Output) -> Option<Input> {
        match output {
            Output::Post { batch } => match self.client.post(&self.files[&batch]).await {
                Posted::Answer(answer) => return Some(Input::Answer { batch, answer }),
                Posted::Unreadable(error) => {
                    self.disk.submit(DiskJob::SetAside(self.files[&batch].clone(), error.to_string()));
                    let Some(DiskDone::Corrupt { batch, .. }) = self.done.recv().await else { panic!() };
                    return Some(Input::Corrupt { batch });
                }
            },
            Output::Split { batch } => {
                self.disk.submit(DiskJob::Split(self.files[&batch].clone()));
                let Some(DiskDone::Split { batch, into }) = self.done.recv().await else {
                    panic!("not split")
                };
                self.files.extend(into.iter().map(|f| (f.batch.batch, f.clone())));
                return Some(Input::SplitDone { batch, into: into.into_iter().map(|f| f.batch).collect() });
            }
            Output::Delete { batch } => self.disk.submit(DiskJob::Delete(self.files[&batch].clone())),
            Output::Evict { batch } => {
                let saved = self.saved();
                self.disk.submit(DiskJob::Evict(self.files[&batch].clone(), saved));
            }
            Output::Quarantine { batch, reason } => {
                let saved = self.saved();
                self.disk.submit(DiskJob::Quarantine(self.files[&batch].clone(), reason.to_string(), saved));
            }
            Output::Warn { sentence } | Output::Notice { sentence } => self.said.push(sentence),
            Output::Flushed { .. } => {}
        }
        None
    }

    fn saved(&self) -> SavedAccounts {
        let run = RunName::from("7.1");
        SavedAccounts {
            runs: BTreeMap::from([(run.to_string(), self.delivery.counters(&run))]),
            leaving: Vec::new(),
        }
    }

    /// Until nothing is spooled.
    async fn run(&mut self) -> BatchAccount {
        for _ in 0..100 {
            if self.delivery.total().spooled.batches == 0 {
                return self.delivery.total();
            }
            let at = self.delivery.next_deadline().expect("something is spooled");
            self.now = self.now.plus_ns(at.since_ns(self.now.mono));
            self.input(Input::Tick).await;
        }
        panic!("still spooled: {:?}", self.delivery.total());
    }
}

fn lines(n: u32) -> String {
    (0..n).map(|i| format!("transaction_rate_mean,label_id={i} count=10i {i}\n")).collect()
}

#[tokio::test]
async fn every_line_is_delivered_once_through_every_kind_of_trouble() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = Spool::open(dir.path()).unwrap();
    let trouble = vec![
        response(503, "", "overloaded"),
        response(429, "Retry-After: 3\r\n", ""),
        b"garbage".to_vec(),
        Vec::new(),
        response(401, "", "unauthorized"),
        response(404, "", "database not found"),
        response(200, "", "<html>welcome</html>"),
        response(400, "", "partial write: max-values-per-tag limit exceeded"),
        response(413, "", ""),
        response(204, "", ""),
        response(413, "", ""),
        response(204, "", ""),
    ];
    let drain = FakeDrain::start(trouble).await;
    let mut driver = Driver::new(spool, &format!("http://{}", drain.addr));
    driver.write(&lines(4), 40).await;
    let total = driver.run().await;
    assert_eq!((total.delivered.samples, total.splits, total.retries), (40, 2, 8));
    assert!(total.balance());
    for expected in ["overloaded", "credentials", "create the database", "only 204", "max-values-per-tag"] {
        assert!(driver.said.iter().any(|s| s.contains(expected)), "{expected} is not in {:#?}", driver.said);
    }
    let ids: BTreeSet<String> = drain.requests()[..9]
        .iter()
        .flat_map(|r| {
            r.head.lines().find(|l| l.to_ascii_lowercase().starts_with("x-gridnode-batch")).map(str::to_owned)
        })
        .collect();
    assert_eq!(ids.len(), 1, "the same id on every retry: {ids:?}");
    assert_eq!(stored_lines(&drain), lines(4).lines().map(str::to_owned).collect::<BTreeSet<_>>());
    let Driver { disk, done, .. } = driver;
    drop(done);
    disk.stop();
    assert_eq!(std::fs::read_dir(dir.path().join("spool/7.1")).unwrap().count(), 0);
}

/// Lines of the requests that this script answers with 204: the tenth, and all from the twelfth on.
fn stored_lines(drain: &FakeDrain) -> BTreeSet<String> {
    let requests = drain.requests().into_iter().enumerate();
    let stored = requests.filter(|(i, _)| *i == 9 || *i >= 11).map(|(_, r)| r.body);
    let unzip = |body: Vec<u8>| {
        let mut text = String::new();
        flate2::read::GzDecoder::new(&body[..]).read_to_string(&mut text).unwrap();
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    stored.flat_map(unzip).collect()
}

#[tokio::test]
async fn what_the_drain_will_not_have_is_set_aside_with_its_reason() {
    for (body, kept_as) in
        [("unable to parse", "quarantined"), ("partial write: field type conflict", "uncertain")]
    {
        let dir = tempfile::tempdir().unwrap();
        let (spool, _) = Spool::open(dir.path()).unwrap();
        let drain = FakeDrain::start(vec![response(400, "", body)]).await;
        let mut driver = Driver::new(spool, &format!("http://{}", drain.addr));
        driver.write(&lines(2), 20).await;
        let total = driver.run().await;
        let got = if kept_as == "uncertain" { total.uncertain } else { total.quarantined };
        assert_eq!(got.samples, 20, "{body}");
        let Driver { disk, done, .. } = driver;
        drop(done);
        disk.stop();
        let reason = dir.path().join("quarantine/7.1__1700000000000-1-1-20-2.lp.gz.reason");
        assert!(std::fs::read_to_string(reason).unwrap().contains(body));
        let (_, found) = Spool::open(dir.path()).unwrap();
        assert!(found.batches.is_empty());
        assert_eq!(
            found.saved.runs["7.1"].quarantined.samples + found.saved.runs["7.1"].uncertain.samples,
            20
        );
    }
}

#[tokio::test]
async fn a_real_drain_server_gets_what_the_spool_had() {
    let server = crate::local::drain_server::DrainServer::start(
        "127.0.0.1:0".parse().unwrap(),
        crate::local::drain_server::DrainOptions::default(),
    )
    .await
    .unwrap();
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = Spool::open(dir.path()).unwrap();
    let mut driver = Driver::new(spool, &server.url());
    let lines = "transaction_rate_mean,flood=7,label_id=0 count=10i,window_s=1.0,label=\"a\" 5\n";
    driver.write(lines, 10).await;
    assert_eq!(driver.run().await.delivered.samples, 10);
    assert_eq!(server.shutdown().await.floods[0].total.count, 10);
}
