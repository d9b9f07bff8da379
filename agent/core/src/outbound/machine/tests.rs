//! The machine step by step, with a disk that does what the test says; `tests/way_out.rs` drives it all at once.

use super::*;
use crate::base::time::{NS_PER_S, Wall};
use crate::outbound::delivery::{Answer, HttpAnswer, TransportKind};
use crate::outbound::pack::pack;
use crate::outbound::spool::{Fault, FaultKind};

struct Bench {
    outbound: Outbound,
    now: Now,
    jobs: VecDeque<Job>,
    posts: Vec<Posting>,
}

impl Bench {
    fn new(settings: OutboundSettings) -> Self {
        let now = Now { mono: Mono(NS_PER_S), wall: Wall(1_700_000_000_000_000_000) };
        let start = Start { incarnation: 1, ..Start::default() };
        let (outbound, _) = Outbound::new(now, settings, start);
        let mut bench = Self { outbound, now, jobs: VecDeque::new(), posts: Vec::new() };
        bench.collect();
        bench
    }

    fn collect(&mut self) {
        while let Some(output) = self.outbound.poll_output() {
            match output {
                Output::Disk(job) => self.jobs.push_back(job),
                Output::Post(posting) => self.posts.push(posting),
                Output::Released(_) | Output::Warn { .. } | Output::Notice { .. } => {}
            }
        }
    }

    fn input(&mut self, input: Input) {
        self.outbound.handle(self.now, input);
        self.collect();
    }

    fn batch(&mut self, samples: u64) {
        let packed = pack(b"m v=1 1\n", samples).remove(0);
        self.input(Input::Batch { run: "7.1".into(), packed, origin: None });
    }

    /// Answers every job; fails those that write a batch while the disk is full.
    fn disk(&mut self, full: bool) -> Vec<Job> {
        let mut done = Vec::new();
        while let Some(job) = self.jobs.pop_front() {
            let writes =
                |op: &Operation| matches!(op, Operation::Write { path, .. } if path.starts_with(SPOOL));
            let at = job.operations.iter().position(writes).filter(|_| full);
            let fault = || Fault { kind: FaultKind::Full, sentence: "no room".to_owned() };
            let result = at.map_or(Ok(Vec::new()), |at| Err((at, fault())));
            self.input(Input::DiskDone(Done { ticket: job.ticket, result }));
            done.push(job);
        }
        done
    }

    fn after_s(&mut self, seconds: u64) {
        self.now = self.now.plus_ns(seconds * NS_PER_S);
        self.input(Input::Tick);
    }

    fn stored(&mut self) {
        let posting = self.posts.remove(0);
        let answer = Answer::Http(HttpAnswer { status: 204, ..HttpAnswer::default() });
        self.input(Input::Answer { batch: posting.batch, answer });
    }

    fn account(&self) -> crate::outbound::delivery::BatchAccount {
        self.outbound.account(&"7.1".into()).account
    }
}

const SPOOL: &str = "spool/";

fn unlinks(jobs: &[Job]) -> usize {
    let all = jobs.iter().flat_map(|job| &job.operations);
    all.filter(|op| matches!(op, Operation::Unlink(path) if path.ends_with(".lp.gz"))).count()
}

#[test]
fn batches_that_come_together_share_the_syncs_of_their_directory() {
    let mut bench = Bench::new(OutboundSettings::default());
    bench.disk(false);
    (0..10).for_each(|_| bench.batch(1));
    let jobs = bench.disk(false);
    let writes = jobs.iter().filter(|job| {
        job.operations.iter().any(|op| matches!(op, Operation::Write { path, .. } if path.starts_with(SPOOL)))
    });
    assert_eq!(writes.count(), 2, "the first, and all that came while it was written");
    let syncs = jobs
        .iter()
        .flat_map(|job| &job.operations)
        .filter(|op| **op == Operation::SyncDir("spool/7.1".to_owned()));
    assert_eq!(syncs.count(), 2);
    assert_eq!(bench.posts.len(), 4, "as many as may be in flight");
}

#[test]
fn a_file_goes_after_the_accounts_that_say_why() {
    let mut bench = Bench::new(OutboundSettings::default());
    bench.batch(5);
    bench.disk(false);
    bench.after_s(2);
    bench.disk(false);
    bench.stored();
    assert_eq!(bench.account().delivered.samples, 5);
    assert!(bench.jobs.is_empty(), "accounts are made durable once a second");
    bench.after_s(2);
    let save = bench.jobs.pop_front().expect("the accounts");
    assert!(bench.jobs.is_empty() && unlinks(std::slice::from_ref(&save)) == 0);
    let Operation::WriteOver { body, .. } = &save.operations[0] else { panic!("{save:?}") };
    let saved: crate::outbound::spool::Saved = serde_json::from_slice(body).expect("accounts");
    assert_eq!((saved.runs["7.1"].account.delivered.samples, saved.leaving.len()), (5, 1));
    // The disk does not take them: the file stays.
    let fault = Fault { kind: FaultKind::Other, sentence: "EIO".to_owned() };
    bench.input(Input::DiskDone(Done { ticket: save.ticket, result: Err((1, fault)) }));
    assert!(bench.jobs.is_empty());
    bench.after_s(2);
    assert_eq!(unlinks(&bench.disk(false)), 1);
    bench.after_s(2);
    bench.disk(false);
    assert!(bench.outbound.is_tidy());
}

#[test]
fn a_full_disk_is_waited_for_before_anything_is_evicted() {
    let settings = OutboundSettings { held_batches_max: 3, ..OutboundSettings::default() };
    let mut bench = Bench::new(settings);
    (0..2).for_each(|_| bench.batch(1));
    bench.disk(false);
    bench.posts.clear();
    while bench.outbound.takes_batches() {
        bench.batch(1);
        bench.disk(true);
    }
    for _ in 0..58 {
        bench.after_s(1);
        bench.disk(true);
    }
    assert_eq!((bench.account().evicted.samples, bench.outbound.takes_batches()), (0, false));
    for _ in 0..10 {
        bench.after_s(1);
        bench.disk(true);
    }
    assert!(bench.account().evicted.samples > 0, "a minute is long enough");
    assert!(bench.outbound.total().balance());
}

#[test]
fn room_that_comes_back_in_time_costs_nothing() {
    let settings = OutboundSettings { held_batches_max: 3, ..OutboundSettings::default() };
    let mut bench = Bench::new(settings);
    while bench.outbound.takes_batches() {
        bench.batch(1);
        bench.disk(true);
    }
    bench.after_s(30);
    bench.disk(false);
    assert!(bench.outbound.takes_batches() && bench.outbound.all_written());
    bench.after_s(100);
    bench.disk(false);
    assert_eq!((bench.account().evicted.samples, bench.account().spooled.samples), (0, 3));
}

#[test]
fn at_the_very_end_what_the_disk_does_not_take_is_given_up_and_counted() {
    let mut bench = Bench::new(OutboundSettings::default());
    bench.batch(7);
    let deadline = bench.now.mono.plus_ns(10 * NS_PER_S);
    bench.input(Input::LastChance { deadline });
    for _ in 0..9 {
        bench.disk(true);
        bench.after_s(1);
    }
    assert!(!bench.outbound.all_written());
    bench.after_s(1);
    // It was posted from memory, and nothing was heard: whether the Drain has it is not known.
    assert_eq!((bench.account().uncertain.samples, bench.outbound.all_written()), (7, true));
}

#[test]
fn what_lies_in_a_second_place_stays_there_at_the_end_and_its_run_is_not_forgotten() {
    let mut bench = Bench::new(OutboundSettings::default());
    let packed = pack(b"m v=1 1\n", 7).remove(0);
    bench.input(Input::Batch { run: "7.1".into(), packed, origin: Some(Origin(1)) });
    bench.input(Input::LastChance { deadline: bench.now.mono.plus_ns(NS_PER_S) });
    bench.disk(true);
    bench.after_s(1);
    assert!(bench.outbound.all_written());
    assert_eq!((bench.account().spooled.samples, bench.account().gone_samples()), (7, 0));
    // Should the machine stop, somebody must know of it.
    assert!(!bench.outbound.forget(&"7.1".into()));
    assert_eq!(bench.outbound.total().spooled.samples, 7);
}

#[test]
fn what_a_full_disk_does_not_take_goes_to_the_drain_from_memory() {
    let mut bench = Bench::new(OutboundSettings::default());
    bench.disk(false);
    bench.batch(7);
    assert!(bench.posts.is_empty(), "first it is to be durable");
    bench.disk(true);
    assert!(bench.posts[0].body.is_some());
    assert_eq!(bench.outbound.to_save().runs["7.1"].account.spooled.samples, 0, "a crash would lose it");
    assert_eq!((bench.account().spooled.samples, bench.outbound.all_written()), (7, false));
    bench.stored();
    assert_eq!((bench.account().delivered.samples, bench.outbound.all_written()), (7, true));
    (0..4).for_each(|_| {
        bench.after_s(5);
        bench.disk(false);
    });
    assert!(bench.outbound.is_tidy() && bench.outbound.total().balance());
}

#[test]
fn what_the_drain_refuses_while_the_disk_is_full_waits_for_a_file() {
    let mut bench = Bench::new(OutboundSettings::default());
    bench.disk(false);
    bench.batch(7);
    bench.disk(true);
    let batch = bench.posts.remove(0).batch;
    let http = HttpAnswer { status: 400, has_store_header: true, ..HttpAnswer::default() };
    bench.input(Input::Answer { batch, answer: Answer::Http(http) });
    assert_eq!(bench.account().quarantined.samples, 0);
    bench.after_s(1);
    bench.disk(false);
    assert!(bench.outbound.all_written() && bench.account().spooled.samples == 7);
    bench.after_s(1_000);
    assert!(bench.posts[0].body.is_none(), "now there is a file");
}

#[test]
fn a_write_that_hangs_does_not_hold_up_delivery() {
    let mut bench = Bench::new(OutboundSettings::default());
    bench.disk(false);
    bench.batch(7);
    bench.after_s(6);
    bench.stored();
    assert_eq!((bench.account().delivered.samples, bench.outbound.all_written()), (7, true));
    // The write ends after all: its file goes as that of any batch that was delivered.
    let jobs = bench.disk(false);
    bench.after_s(5);
    let later = bench.disk(false);
    assert_eq!(unlinks(&jobs) + unlinks(&later), 1);
    assert!(bench.outbound.is_tidy());
}

#[test]
fn a_run_is_forgotten_when_nothing_of_it_is_left() {
    let mut bench = Bench::new(OutboundSettings::default());
    bench.batch(1);
    assert!(!bench.outbound.forget(&"7.1".into()), "it is not durable yet");
    bench.disk(false);
    assert!(!bench.outbound.forget(&"7.1".into()), "it is spooled");
    bench.stored();
    assert!(bench.outbound.forget(&"7.1".into()));
    assert_eq!(bench.outbound.accounts().count(), 0);
}

#[test]
fn a_file_that_cannot_be_moved_does_not_hold_up_the_end() {
    let mut bench = Bench::new(OutboundSettings::default());
    bench.batch(5);
    bench.disk(false);
    let http = HttpAnswer { status: 400, has_store_header: true, ..HttpAnswer::default() };
    let batch = bench.posts.remove(0).batch;
    bench.input(Input::Answer { batch, answer: Answer::Http(http) });
    assert!(!bench.outbound.may_end(), "it has not been tried");
    for _ in 0..4 {
        bench.after_s(10);
        while let Some(job) = bench.jobs.pop_front() {
            let at = job
                .operations
                .iter()
                .position(|op| matches!(op, Operation::Rename { to, .. } if to.starts_with("quarantine")));
            let fault = || Fault { kind: FaultKind::Other, sentence: "EROFS".to_owned() };
            let result = at.map_or(Ok(Vec::new()), |at| Err((at, fault())));
            bench.input(Input::DiskDone(Done { ticket: job.ticket, result }));
        }
    }
    assert!(
        bench.outbound.may_end() && !bench.outbound.is_tidy() && bench.account().quarantined.samples == 5
    );
    bench.after_s(60);
    assert!(
        bench.jobs.iter().flat_map(|job| &job.operations).any(|op| matches!(op, Operation::Rename { .. })),
        "it is tried again"
    );
}

#[test]
fn a_disk_thread_that_ends_is_an_account_not_a_hang() {
    let mut bench = Bench::new(OutboundSettings::default());
    bench.batch(3);
    bench.input(Input::DiskLost);
    bench.batch(4);
    assert_eq!((bench.account().evicted.samples, bench.outbound.is_tidy()), (7, true));
}

#[test]
fn after_a_connection_that_broke_the_next_post_waits_for_an_early_answer() {
    let mut bench = Bench::new(OutboundSettings::default());
    bench.batch(1);
    bench.disk(false);
    let mut wary = Vec::new();
    let busy = Answer::Http(HttpAnswer { status: 503, ..HttpAnswer::default() });
    for answer in [Answer::Transport(TransportKind::Broken), busy, Answer::Transport(TransportKind::Timeout)]
    {
        let posting = bench.posts.remove(0);
        wary.push(posting.wary);
        bench.input(Input::Answer { batch: posting.batch, answer });
        bench.after_s(300);
        bench.disk(false);
    }
    wary.push(bench.posts[0].wary);
    assert_eq!(wary, [false, true, false, false]);
}

#[test]
fn what_cannot_be_read_is_kept_up_to_a_bound_and_the_oldest_goes_counted() {
    let settings =
        OutboundSettings { aside_files_max: 3, aside_bytes_max: 1_000, ..OutboundSettings::default() };
    let mut bench = Bench::new(settings.clone());
    for samples in 1..=5 {
        bench.batch(samples);
        bench.disk(false);
        let batch = bench.posts.remove(0).batch;
        bench.input(Input::Unreadable { batch, why: "cut".to_owned() });
        bench.after_s(2);
        let gone = bench.disk(false).iter().flat_map(|job| job.operations.clone()).collect::<Vec<_>>();
        let removed =
            |op: &&Operation| matches!(op, Operation::Unlink(path) if path.starts_with("corrupt/7.1__"));
        assert_eq!(gone.iter().filter(removed).count(), usize::from(samples > 3), "{gone:?}");
    }
    bench.after_s(2);
    bench.disk(false);
    let saved = bench.outbound.to_save();
    assert_eq!((saved.corrupt_removed.batches, saved.corrupt_removed.samples), (2, 3));
    assert_eq!((bench.account().set_aside.samples, bench.account().balance()), (15, true));
    // A start goes on counting, and looks at bytes, too.
    let file = |name: &str, bytes| crate::outbound::spool::AsideFile { name: name.to_owned(), bytes };
    let corrupt = vec![file("x", 900), file("7.1__1-1-3-3-1.lp.gz", 101), file("y", 899)];
    let start = Start { incarnation: 2, saved, corrupt, ..Start::default() };
    let (outbound, _) = Outbound::new(bench.now, settings, start);
    let saved = outbound.to_save();
    assert_eq!((saved.corrupt_removed.batches, saved.corrupt_removed.samples), (3, 3));
}

/// Sentences of a start that finds these, each of one second before the next; the clock is so many days ahead of the newest.
fn start_with(files: &[(&str, u64)], days_ahead: i64) -> (Outbound, Vec<String>) {
    use crate::outbound::spool::{ListedFile, Listing};
    let listed =
        |(name, bytes): &(&str, u64)| ListedFile { name: (*name).to_owned(), bytes: *bytes, is_file: true };
    let runs = [("7.1".to_owned(), files.iter().map(listed).collect())].into();
    let listing = Listing { runs, ..Listing::default() };
    let wall = Wall(1_700_000_000_000_000_000 + days_ahead * 86_400_000_000_000);
    let start = Start { incarnation: 2, listing, ..Start::default() };
    let (mut outbound, mut said) =
        Outbound::new(Now { mono: Mono(NS_PER_S), wall }, OutboundSettings::default(), start);
    while let Some(output) = outbound.poll_output() {
        if let Output::Warn { sentence } = output {
            said.push(sentence);
        }
    }
    (outbound, said)
}

#[test]
fn a_start_with_the_clock_ahead_evicts_nothing_and_says_what_it_does_evict() {
    let files = [("1699999990000-1-1-10-2.lp.gz", 100), ("1699999999000-1-2-10-2.lp.gz", 100)];
    let (outbound, said) = start_with(&files, 2);
    assert_eq!((outbound.total().spooled.samples, said), (20, Vec::new()));
    // A day older than the newest, and tried for a while all the same; those that are not under way then, in one sentence.
    let old: Vec<String> = (3..9).map(|n| format!("1699900000000-1-{n}-10-2.lp.gz")).collect();
    let all: Vec<_> = files.into_iter().chain(old.iter().map(|name| (name.as_str(), 100))).collect();
    let (mut outbound, said) = start_with(&all, 0);
    assert_eq!((outbound.total().spooled.samples, said), (80, Vec::new()));
    let wall = Wall(1_700_000_000_000_000_000);
    outbound.handle(Now { mono: Mono(2 * 3_600 * NS_PER_S), wall }, Input::Tick);
    let outputs = std::iter::from_fn(|| outbound.poll_output());
    let said: Vec<_> = outputs
        .filter_map(|output| if let Output::Warn { sentence } = output { Some(sentence) } else { None })
        .collect();
    assert_eq!((outbound.total().evicted.samples, said.len()), (20, 1), "{said:?}");
    assert!(said[0].starts_with("20 samples in 2 batches"), "{said:?}");
}

#[test]
fn what_cannot_be_a_batch_takes_no_room_and_is_in_no_account() {
    let files = [
        ("1699999990000-1-1-10-2.lp.gz", 100),
        ("1699999991000-1-2-8-1.lp.gz", 3 << 30),
        ("1699999992000-1-3-18446744073709551615-1.lp.gz", 33),
    ];
    let (outbound, said) = start_with(&files, 0);
    assert_eq!((outbound.total().entered.samples, outbound.total().evicted.samples), (10, 0));
    assert_eq!(said.iter().filter(|said| said.contains("cannot be a batch")).count(), 2, "{said:?}");
}

#[test]
fn the_account_of_a_run_stays_while_something_of_it_lies_aside() {
    let aside = std::collections::BTreeSet::from([RunName::from("7.1")]);
    let mut saved = crate::outbound::spool::Saved::default();
    for run in ["7.1", "8.1"] {
        saved.runs.insert(run.to_owned(), crate::outbound::spool::SavedRun::default());
    }
    let start = Start { incarnation: 2, saved, aside, ..Start::default() };
    let now = Now { mono: Mono(NS_PER_S), wall: Wall(1_700_000_000_000_000_000) };
    let (mut outbound, _) = Outbound::new(now, OutboundSettings::default(), start);
    assert!(!outbound.forget(&RunName::from("7.1")) && outbound.forget(&RunName::from("8.1")));
    assert_eq!(outbound.to_save().runs.keys().collect::<Vec<_>>(), ["7.1"]);
}

/// Taken away and put back, under its name or with another number: in one account at any time.
#[test]
fn a_batch_that_was_gone_and_is_there_again_is_set_aside_no_longer() {
    use crate::outbound::spool::{GONE, ListedFile, Listing};
    for name in ["1699999990000-1-1-10-2.lp.gz", "1699999990000-2-77-10-2.lp.gz"] {
        let (mut outbound, _) = start_with(&[("1699999990000-1-1-10-2.lp.gz", 100)], 0);
        let now = Now { mono: Mono(2 * NS_PER_S), wall: Wall(1_700_000_000_000_000_000) };
        let batch = BatchId { incarnation: 1, number: 1, writer: 0 };
        outbound.handle(now, Input::Unreadable { batch, why: format!("x: {GONE}") });
        let said: Vec<_> = std::iter::from_fn(|| outbound.poll_output()).collect();
        assert!(!format!("{said:?}").contains("directory corrupt"), "{said:?}");
        let saved = outbound.to_save();
        assert_eq!((saved.runs["7.1"].account.set_aside.samples, saved.gone.len()), (10, 1));
        let file = ListedFile { name: name.to_owned(), bytes: 100, is_file: true };
        for (files, set_aside) in [(vec![], 10), (vec![file], 0)] {
            let listing = Listing { runs: [("7.1".to_owned(), files)].into(), ..Listing::default() };
            let start = Start { incarnation: 3, saved: saved.clone(), listing, ..Start::default() };
            let (next, remarks) = Outbound::new(now, OutboundSettings::default(), start);
            let account = next.account(&RunName::from("7.1"));
            assert_eq!(account.account.set_aside.samples, set_aside, "{name}");
            assert_eq!(account.account.spooled.samples, 10 - set_aside, "{name}");
            assert_eq!(
                (account.accounted_for(), account.aggregated, account.account.balance()),
                (10, 10, true)
            );
            assert_eq!(remarks.len(), usize::from(set_aside == 0), "{remarks:?}");
        }
    }
}
