//! Random answers, duplicates, delays and faults: nothing gets lost, nothing is counted twice, every deadline moves on.

use super::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone)]
enum Step {
    Spool {
        points: u32,
        samples: u64,
        bytes: u64,
    },
    /// Answers one of the posts in flight, or, when `again`, any batch ever seen.
    Answer {
        pick: usize,
        answer: Answer,
        again: bool,
    },
    Corrupt {
        pick: usize,
    },
    MakeRoom {
        bytes: u64,
    },
    Wait {
        ms: u64,
    },
    NextDeadline,
    SplitFails,
}

fn answers() -> impl Strategy<Value = Answer> {
    let status = prop_oneof![
        4 => Just(204_u16),
        4 => prop::sample::select(vec![413, 400, 401, 404, 429, 503, 200]),
        1 => any::<u16>(),
    ];
    let body = prop::sample::select(vec![
        "",
        r#"{"error":"partial write: x"}"#,
        "max-series-per-database limit",
        r#"{"error":"unable to parse"}"#,
        "nonsense",
    ]);
    let retry_after = prop::option::of(prop_oneof![0_u64..10, any::<u64>()]);
    let http = (status, body, retry_after).prop_map(|(status, body, retry_after_s)| {
        Answer::Http(HttpAnswer { status, body: body.into(), retry_after_s, ..HttpAnswer::default() })
    });
    prop_oneof![4 => http, 1 => Just(Answer::Transport(TransportKind::Timeout))]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (1..5_u32, 0..1_000_u64, 1..400_u64).prop_map(|(points, samples, bytes)| Step::Spool { points, samples, bytes }),
        8 => (any::<usize>(), answers(), prop::bool::weighted(0.1))
            .prop_map(|(pick, answer, again)| Step::Answer { pick, answer, again }),
        1 => any::<usize>().prop_map(|pick| Step::Corrupt { pick }),
        1 => (0..500_u64).prop_map(|bytes| Step::MakeRoom { bytes }),
        2 => (0..100_000_u64).prop_map(|ms| Step::Wait { ms }),
        4 => Just(Step::NextDeadline),
        1 => Just(Step::SplitFails),
    ];
    prop::collection::vec(step, 1..200)
}

/// What a shell would have on its disk and on its wires.
#[derive(Default)]
struct Shell {
    files: BTreeMap<BatchId, SpooledBatch>,
    wires: BTreeSet<BatchId>,
    splits: BTreeSet<BatchId>,
    entered_samples: u64,
    gone_samples: u64,
    number: u64,
    flushed: usize,
}

impl Shell {
    fn fresh(&mut self, points: u32, samples: u64, bytes: u64, created: Wall) -> SpooledBatch {
        self.number += 1;
        let batch = SpooledBatch { bytes, ..batch(self.number, points, samples, created) };
        self.files.insert(batch.batch, batch.clone());
        batch
    }

    fn drop_file(&mut self, id: BatchId) {
        assert!(!self.wires.contains(&id) && !self.splits.contains(&id), "{id} is in use");
        self.gone_samples += self.files.remove(&id).expect("a file is dropped once").samples;
    }

    fn act(&mut self, output: Output) {
        match output {
            Output::Post { batch } => {
                assert!(self.files.contains_key(&batch) && !self.splits.contains(&batch));
                assert!(self.wires.insert(batch), "{batch} is posted twice at once");
                assert!(self.wires.len() <= 4, "the cap of posts in flight");
            }
            Output::Delete { batch } | Output::Quarantine { batch, .. } | Output::Evict { batch } => {
                self.drop_file(batch);
            }
            Output::Split { batch } => assert!(self.splits.insert(batch)),
            Output::Flushed { .. } => self.flushed += 1,
            Output::Warn { sentence } | Output::Notice { sentence } => assert!(!sentence.is_empty()),
        }
    }

    fn input_for(&mut self, step: &Step, now: Now) -> Input {
        let nth = |set: &BTreeSet<BatchId>, pick: usize| set.iter().nth(pick % set.len().max(1)).copied();
        match step {
            Step::Spool { points, samples, bytes } => {
                self.entered_samples += samples;
                Input::Spooled(self.fresh(*points, *samples, *bytes, now.wall))
            }
            Step::Answer { pick, answer, again: false } => match nth(&self.wires, *pick) {
                Some(batch) => {
                    self.wires.remove(&batch);
                    Input::Answer { batch, answer: answer.clone() }
                }
                None => Input::Tick,
            },
            Step::Answer { pick, answer, again: true } => {
                let batch = id(u64::try_from(*pick % 50).unwrap());
                if self.wires.remove(&batch) { /* then it is a first answer */ }
                Input::Answer { batch, answer: answer.clone() }
            }
            Step::Corrupt { pick } => match nth(&self.wires, *pick) {
                Some(batch) => {
                    self.wires.remove(&batch);
                    self.drop_file(batch);
                    Input::Corrupt { batch }
                }
                None => Input::Tick,
            },
            Step::MakeRoom { bytes } => Input::MakeRoom { bytes: *bytes },
            Step::SplitFails => match self.splits.pop_first() {
                Some(batch) => Input::SplitFailed { batch },
                None => Input::Tick,
            },
            Step::Wait { .. } | Step::NextDeadline => Input::Tick,
        }
    }

    /// Splits are done at once, but for one that [`Step::SplitFails`] may take.
    fn split_input(&mut self, now: Now) -> Option<Input> {
        if self.splits.len() < 2 {
            return None;
        }
        let parent = self.splits.pop_first()?;
        let whole = self.files.remove(&parent).expect("the parent's file is there");
        let half = whole.samples / 2;
        let a = self.fresh(whole.points / 2, half, whole.bytes / 2, now.wall);
        let b = self.fresh(whole.points.div_ceil(2), whole.samples - half, whole.bytes / 2, now.wall);
        Some(Input::SplitDone { batch: parent, into: vec![a, b] })
    }
}

fn give(b: &mut Bench, shell: &mut Shell, input: Input) {
    for output in b.input(input) {
        shell.act(output);
    }
    let total = b.delivery.total();
    let kept: u64 = shell.files.values().map(|f| f.samples).sum();
    assert_eq!(total.entered.samples, shell.entered_samples);
    assert_eq!(total.spooled.samples, kept);
    assert_eq!(total.spooled.batches, u64::try_from(shell.files.len()).unwrap());
    assert_eq!(total.entered.samples - kept, shell.gone_samples);
    assert_eq!(b.delivery.in_flight(), shell.wires.len());
    assert_eq!(b.delivery.spool_bytes(), shell.files.values().map(|f| f.bytes).sum::<u64>());
    assert_eq!(b.delivery.counters(&"7.1".into()), total);
    let idle = shell.files.len() - shell.wires.len() - shell.splits.len();
    assert!(idle == 0 || shell.flushed > 0 || b.delivery.next_deadline().is_some(), "waiting for nothing");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]
    #[test]
    fn every_sample_is_accounted_for(steps in steps(), seed in any::<u64>()) {
        let mut b = Bench::new(Settings { seed, spool_bytes_max: 3_000, spool_batches_max: 20, ..Settings::default() });
        let mut shell = Shell::default();
        for step in steps {
            match step {
                Step::Wait { ms } => b.now = b.now.plus_ns(ms * 1_000_000),
                Step::NextDeadline => {
                    let wait_ns = b.delivery.next_deadline().map_or(0, |at| at.since_ns(b.now.mono));
                    b.now = b.now.plus_ns(wait_ns);
                }
                _ => {}
            }
            let input = shell.input_for(&step, b.now);
            give(&mut b, &mut shell, input);
            while let Some(input) = shell.split_input(b.now) {
                give(&mut b, &mut shell, input);
            }
            let after = b.delivery.next_deadline();
            prop_assert!(after.is_none_or(|at| at > b.now.mono), "a deadline in the past spins the shell");
        }
        drain_all(&mut b, &mut shell);
    }
}

/// Now the Drain is well: whatever is left is delivered before the flush ends.
fn drain_all(b: &mut Bench, shell: &mut Shell) {
    let deadline = b.now.mono.plus_ns(3_600 * NS_PER_S);
    give(b, shell, Input::Flush { deadline });
    while shell.flushed == 0 {
        if let Some(batch) = shell.splits.pop_first() {
            give(b, shell, Input::SplitFailed { batch });
        } else if let Some(batch) = shell.wires.pop_first() {
            let stored = HttpAnswer { status: 204, ..HttpAnswer::default() };
            give(b, shell, Input::Answer { batch, answer: Answer::Http(stored) });
        } else {
            let at = b.delivery.next_deadline().expect("the flush has a deadline");
            b.now = b.now.plus_ns(at.since_ns(b.now.mono));
            give(b, shell, Input::Tick);
        }
    }
    assert!(b.now.mono < deadline && shell.files.is_empty(), "left over: {:?}", shell.files);
}
