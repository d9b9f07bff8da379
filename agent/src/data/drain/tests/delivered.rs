//! The whole way out with real files and real HTTP, against a Drain that goes through every class of answer.

use super::*;
use crate::data::disk::Disk;
use crate::data::spool::Spool;
use gridnode_core::base::run::RunName;
use gridnode_core::base::time::{Mono, Now, Wall};
use gridnode_core::outbound::delivery::{BatchAccount, Settings};
use gridnode_core::outbound::spool::{Done, Operation};
use gridnode_core::outbound::{Input, Outbound, OutboundSettings, Output};
use std::collections::BTreeSet;
use std::io::Read;
use std::path::PathBuf;
use tokio::sync::mpsc::Receiver;

/// The smallest possible driver. Its clock is moved to the machine's next deadline whenever nothing is under way.
pub(super) struct Driver {
    outbound: Outbound,
    disk: Disk,
    done: Receiver<Done>,
    client: DrainClient,
    state_dir: PathBuf,
    now: Now,
    said: Vec<String>,
    /// What the disk was asked for, and how many posts there had been by then.
    asked: Vec<(Operation, usize)>,
    posts: usize,
}

impl Driver {
    pub(super) fn new(dir: &Path, url: &str) -> Self {
        let (spool, found) = Spool::open(dir).unwrap();
        let (disk, done) = Disk::start(spool).unwrap();
        let delivery = Settings { seed: 1, in_flight_max: 1, ..Settings::default() };
        let settings = OutboundSettings { delivery, ..OutboundSettings::default() };
        let now = Now { mono: Mono(0), wall: Wall(1_700_000_000_000_000_000) };
        let (outbound, _) = Outbound::new(now, settings, found.start);
        let state_dir = dir.to_owned();
        Self {
            outbound,
            disk,
            done,
            client: client(url),
            state_dir,
            now,
            said: Vec::new(),
            asked: Vec::new(),
            posts: 0,
        }
    }

    pub(super) async fn write(&mut self, lines: &str, samples: u64) {
        for packed in pack::pack(lines.as_bytes(), samples) {
            self.input(Input::Batch { run: "7.1".into(), packed, origin: None }).await;
        }
    }

    pub(super) async fn input(&mut self, input: Input) {
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            self.outbound.handle(self.now, input);
            while let Some(output) = self.outbound.poll_output() {
                match output {
                    Output::Disk(job) => {
                        self.asked.extend(job.operations.iter().map(|op| (op.clone(), self.posts)));
                        self.disk.submit(job);
                        inputs.push(Input::DiskDone(self.done.recv().await.unwrap()));
                    }
                    Output::Post(posting) => {
                        let batch = posting.batch;
                        self.posts += 1;
                        inputs.push(match self.client.post(&self.state_dir, &posting).await {
                            Posted::Stored(..) => unreachable!("a Drain keeps no objects"),
                            Posted::Answer(answer) => Input::Answer { batch, answer },
                            Posted::Unreadable(why) => Input::Unreadable { batch, why },
                            Posted::NotRead(sentence) => Input::ReadFailed { batch, sentence },
                        });
                    }
                    Output::Released(_) => {}
                    Output::Warn { sentence } | Output::Notice { sentence } => self.said.push(sentence),
                }
            }
        }
    }

    /// Until nothing is spooled, and the files say so.
    pub(super) async fn run(&mut self) -> BatchAccount {
        for _ in 0..200 {
            if self.outbound.total().spooled.batches == 0 && self.outbound.may_end() {
                return self.outbound.total();
            }
            let at = self.outbound.next_deadline().expect("something is to be done");
            self.now = self.now.plus_ns(at.since_ns(self.now.mono));
            self.input(Input::Tick).await;
        }
        panic!("still spooled: {:?}", self.outbound.total());
    }

    /// What was asked of the disk, and how many batches are left in the spool.
    pub(super) fn end(self) -> (Vec<(Operation, usize)>, usize) {
        let Self { disk, done, asked, state_dir, .. } = self;
        drop(done);
        disk.stop();
        let left = crate::data::spool::offline::list(&state_dir).unwrap().len();
        (asked, left)
    }
}

fn lines(n: u32) -> String {
    (0..n).map(|i| format!("transaction_rate_mean,label_id={i} count=10i {i}\n")).collect()
}

#[tokio::test]
async fn every_line_is_delivered_once_through_every_kind_of_trouble() {
    let dir = tempfile::tempdir().unwrap();
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
    let mut driver = Driver::new(dir.path(), &format!("http://{}", drain.addr));
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
    drop(driver.end());
    assert_eq!(std::fs::read_dir(dir.path().join("spool/7.1")).unwrap().count(), 0);
}

/// Lines of the requests that this script answers with 204: the tenth, and all from the twelfth on.
fn stored_lines(drain: &FakeDrain) -> BTreeSet<String> {
    let requests = drain.requests().into_iter().enumerate();
    let stored = requests.filter(|(i, _)| *i == 9 || *i >= 11).map(|(_, r)| r.body);
    stored.flat_map(|body| unzipped(&body)).collect()
}

pub(super) fn unzipped(body: &[u8]) -> Vec<String> {
    let mut text = String::new();
    flate2::read::GzDecoder::new(body).read_to_string(&mut text).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn what_the_drain_will_not_have_is_set_aside_with_its_reason() {
    for (body, kept_as) in
        [("unable to parse", "quarantined"), ("partial write: field type conflict", "uncertain")]
    {
        let said = format!(r#"{{"error":"{body}"}}"#);
        let dir = tempfile::tempdir().unwrap();
        let drain = FakeDrain::start(vec![response(400, "", &said)]).await;
        let mut driver = Driver::new(dir.path(), &format!("http://{}", drain.addr));
        driver.write(&lines(2), 20).await;
        let total = driver.run().await;
        let got = if kept_as == "uncertain" { total.uncertain } else { total.quarantined };
        assert_eq!(got.samples, 20, "{body}");
        drop(driver.end());
        let aside =
            std::fs::read_dir(dir.path().join("quarantine")).unwrap().map(|entry| entry.unwrap().path());
        let reasons: Vec<_> =
            aside.filter(|path| path.extension().is_some_and(|end| end == "reason")).collect();
        let [reason] = &reasons[..] else { panic!("{reasons:?}") };
        assert!(reason.to_string_lossy().contains("/7.1__1700000000000-1-1-20-2-by"), "{reason:?}");
        assert!(std::fs::read_to_string(reason).unwrap().contains(body));
        let (_, found) = Spool::open(dir.path()).unwrap();
        assert!(found.start.listing.runs.is_empty());
        let saved = found.start.saved.runs["7.1"].account;
        assert_eq!(saved.quarantined.samples + saved.uncertain.samples, 20);
    }
}

#[tokio::test]
async fn what_a_start_finds_is_delivered() {
    let dir = tempfile::tempdir().unwrap();
    let away = FakeDrain::start(vec![response(503, "", ""); 50]).await;
    let mut driver = Driver::new(dir.path(), &format!("http://{}", away.addr));
    driver.write(&lines(3), 30).await;
    drop(driver.end());
    let drain = FakeDrain::start(vec![response(204, "", ""); 5]).await;
    let mut driver = Driver::new(dir.path(), &format!("http://{}", drain.addr));
    assert_eq!(driver.outbound.account(&RunName::from("7.1")).account.spooled.samples, 30);
    driver.input(Input::Tick).await;
    assert_eq!(driver.run().await.delivered.samples, 30);
    assert_eq!(drain.requests().len(), 1);
    drop(driver.end());
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
    let mut driver = Driver::new(dir.path(), &server.url());
    let lines = "transaction_rate_mean,flood=7,label_id=0 count=10i,window_s=1.0,label=\"a\" 5\n";
    driver.write(lines, 10).await;
    assert_eq!(driver.run().await.delivered.samples, 10);
    assert_eq!(server.shutdown().await.floods[0].total.count, 10);
}
