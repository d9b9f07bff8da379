//! Random datagrams of several sources against a naive model: whatever gets lost, doubled or overtaken, and whatever
//! the clock does, the accounts balance and every sample that arrived is in one window.

use super::*;
use proptest::prelude::*;

const LABELS: [(&str, &str); 7] = [
    ("a", "a"),
    ("b", "b"),
    ("c+d", "c d"),
    ("%C3%9C", "Ü"),
    ("e%2Cf%3D%22", "e,f=\""),
    ("__other__", "__other___"),
    ("", "__empty__"),
];
/// Sources 0 and 1 keep to the contract; 2 and 3 have one name; 4 starts again from 1 now and then.
const NAMES: [&str; 5] = ["one", "two", "twin", "twin", "restarter"];
const TIDY: usize = 2;

#[derive(Debug, Clone)]
struct Step {
    source: usize,
    lines: Vec<(usize, usize, u64, i64)>,
    fate: Fate,
    clock_ms: i64,
    restart: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    Arrives,
    Lost,
    Twice,
    /// So many datagrams later.
    Late(usize),
    /// At once, and again later.
    Echo(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let fate = prop_oneof![
        6 => Just(Fate::Arrives),
        1 => Just(Fate::Lost),
        1 => Just(Fate::Twice),
        1 => (1_usize..6).prop_map(Fate::Late),
        1 => (1_usize..6).prop_map(Fate::Echo),
    ];
    let line = (0_usize..10, 0..LABELS.len(), 0_u64..5_000_000, -40_000_i64..4_000);
    let clock_ms = prop_oneof![12 => 0_i64..3_000, 1 => -60_000_i64..0, 1 => 3_000_i64..120_000];
    (0..NAMES.len(), prop::collection::vec(line, 0..7), fate, clock_ms, prop::bool::weighted(0.2))
        .prop_map(|(source, lines, fate, clock_ms, restart)| Step { source, lines, fate, clock_ms, restart })
}

/// What one line says, for the model.
#[derive(Debug, Clone, Copy)]
enum Said {
    Sample {
        label: usize,
        kind: Kind,
        rt_us: u64,
        ok: bool,
    },
    /// A transaction of dialect 1a, all of its lines.
    Metrics {
        label: usize,
        rt_us: u64,
    },
    Bad {
        reason: Reject,
        is_sample: bool,
    },
}

struct Datagram {
    source: usize,
    bytes: String,
    said: Vec<Said>,
    samples_so_far: u64,
}

/// Adds one line, or the four of a transaction, to `bytes`.
fn write_line(bytes: &mut String, (what, label, rt_us, time_ns): (usize, usize, u64, i64)) -> Said {
    use std::fmt::Write as _;
    let raw = LABELS[label].0;
    let rt = format!("{}.{:03}", rt_us / 1_000, rt_us % 1_000);
    let bad = |reason, is_sample| Said::Bad { reason, is_sample };
    let (text, said) = match what {
        0..=3 => {
            let (ok, kind) = (what != 1, if what == 3 { Kind::Transaction } else { Kind::Request });
            let extra = match what {
                3 => ",kind=\"transaction\"".to_owned(),
                1 => format!(",code=\"{}\",error=\"\\\"{}\\\"\"", rt_us % 700, rt_us % 1_000),
                _ => String::new(),
            };
            (
                format!("sample,flood=7,label={raw} rt={rt},ok={ok}{extra} {time_ns}"),
                Said::Sample { label, kind, rt_us, ok },
            )
        }
        4 => (
            format!(
                "response_time,flood=7,label={raw} value={rt}\ntransaction_rate,flood=7,label={raw} value=1\n\
                 passed,flood=7,label={raw} value=1\nfailed,flood=7,label={raw} value=0"
            ),
            Said::Metrics { label, rt_us },
        ),
        5 => (format!("sample,flood=7,label={raw} rt=-{rt}1,ok=t {time_ns}"), bad(Reject::OutOfRange, true)),
        6 => (format!("sample,flood=7,label={raw} rt={rt} {time_ns}"), bad(Reject::MissingField, true)),
        7 => (format!("throughput,flood=7,label={raw} value=inf"), bad(Reject::NotFinite, false)),
        8 => ("disk,host=a used=1".to_owned(), bad(Reject::UnknownMeasurement, false)),
        _ => ("}{ \"".to_owned(), bad(Reject::Syntax, false)),
    };
    let _ = writeln!(bytes, "{text}");
    said
}

#[derive(Default)]
struct Model {
    known: Vec<usize>,
    totals: LabelTotals,
    rejected: BTreeMap<&'static str, u64>,
    aggregated: u64,
    folded: u64,
    /// A name: samples said to be sent, sample lines received.
    sources: BTreeMap<&'static str, (u64, u64)>,
}

impl Model {
    fn place(&mut self, label: usize, labels_max: usize) -> (String, bool) {
        if !self.known.contains(&label) {
            if self.known.len() >= labels_max {
                return ("__other__".to_owned(), true);
            }
            self.known.push(label);
        }
        (LABELS[label].1.to_owned(), false)
    }

    fn count(&mut self, datagram: &Datagram, labels_max: usize) {
        let mut lines = 0;
        for &said in &datagram.said {
            let (label, kind, rt_us, ok) = match said {
                Said::Sample { label, kind, rt_us, ok } => (label, kind, rt_us, ok),
                Said::Metrics { label, rt_us } => (label, Kind::Request, rt_us, true),
                Said::Bad { reason, is_sample } => {
                    *self.rejected.entry(reason.name()).or_default() += 1;
                    lines += u64::from(is_sample);
                    continue;
                }
            };
            lines += u64::from(matches!(said, Said::Sample { .. }));
            let (label, folded) = self.place(label, labels_max);
            self.aggregated += 1;
            self.folded += u64::from(folded);
            let t = self.totals.entry((label, kind)).or_insert([0, 0, 0, 0, 0, u64::MAX, 0]);
            let [_, _, _, _, _, min, max] = *t;
            let add = [1, u64::from(ok), u64::from(!ok), 1, rt_us];
            (0..5).for_each(|i| t[i] += add[i]);
            (t[5], t[6]) = (min.min(rt_us), max.max(rt_us));
        }
        let (sent, received) = self.sources.entry(NAMES[datagram.source]).or_default();
        *sent = (*sent).max(datagram.samples_so_far);
        *received += lines;
    }

    fn sent(&self) -> u64 {
        self.sources.values().map(|&(sent, received)| sent.max(received)).sum()
    }
}

/// Where each datagram is on its way: what arrives at which step, and whether it is a repeat.
fn schedule(steps: &[Step]) -> Vec<Vec<(usize, bool)>> {
    let mut arrivals = vec![Vec::new(); steps.len() + 8];
    for (at, step) in steps.iter().enumerate() {
        // A repeat that comes late is told from a namesake by the numbers of tidy sources only.
        let fate = match step.fate {
            Fate::Echo(_) if step.source >= TIDY => Fate::Twice,
            fate => fate,
        };
        match fate {
            Fate::Arrives => arrivals[at].push((at, false)),
            Fate::Lost => {}
            Fate::Twice => arrivals[at].extend([(at, false), (at, true)]),
            Fate::Late(by) => arrivals[at + by].push((at, false)),
            Fate::Echo(by) => {
                arrivals[at].push((at, false));
                arrivals[at + by].push((at, true));
            }
        }
    }
    arrivals
}

/// The datagrams in the order in which they are sent; times are those of a sender whose clock goes like ours.
fn sent(steps: &[Step]) -> Vec<Datagram> {
    let mut counters = [(0_u64, 0_u64); NAMES.len()];
    let mut wall_ns = START_S as i64 * NS_PER_S as i64;
    let mut datagrams = Vec::new();
    for (uid, step) in steps.iter().enumerate() {
        wall_ns += step.clock_ms * 1_000_000;
        let (seq, samples) = &mut counters[step.source];
        if step.restart && NAMES[step.source] == "restarter" {
            (*seq, *samples) = (0, 0);
        }
        let mut bytes = String::new();
        let line = |&(what, label, rt_us, ms): &(usize, usize, u64, i64)| {
            write_line(&mut bytes, (what, label, rt_us, wall_ns + ms * 1_000_000))
        };
        let said: Vec<Said> = step.lines.iter().map(line).collect();
        let is_sample =
            |said: &&Said| matches!(said, Said::Sample { .. } | Said::Bad { is_sample: true, .. });
        *samples += said.iter().filter(is_sample).count() as u64;
        *seq += 1;
        let name = NAMES[step.source];
        bytes += &format!("users,flood=7,source={name} active={uid}i\n");
        bytes += &format!("ledger,flood=7,source={name} seq={seq}i,samples={samples}i {uid}\n");
        datagrams.push(Datagram { source: step.source, bytes, said, samples_so_far: *samples });
    }
    datagrams
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn accounts_balance_and_totals_are_those_of_a_naive_model(
        steps in prop::collection::vec(step(), 0..60),
        labels_max in 0_usize..9,
        tick_every in 1_usize..5,
    ) {
        let mut bench = Bench::controlled(labels_max);
        let mut model = Model::default();
        let datagrams = sent(&steps);
        for (at, arrivals) in schedule(&steps).into_iter().enumerate() {
            let clock_ms = steps.get(at).map_or(0, |step| step.clock_ms);
            bench.now.mono = bench.now.mono.plus_ns(clock_ms.max(1).unsigned_abs() * 1_000_000);
            bench.now.wall = Wall(bench.now.wall.0 + clock_ms * 1_000_000);
            if at % tick_every == 0 {
                bench.ingest.tick(bench.now);
            }
            for (which, repeat) in arrivals {
                bench.send(&datagrams[which].bytes);
                if !repeat {
                    model.count(&datagrams[which], labels_max);
                }
            }
        }
        let account = bench.close().account;
        prop_assert_eq!(bench.totals(), model.totals.clone());
        prop_assert_eq!((account.aggregated, account.folded_samples), (model.aggregated, model.folded));
        let rejected = account.rejected.by_reason().into_iter().filter(|&(_, n)| n > 0).collect();
        prop_assert_eq!(model.rejected.clone(), rejected);
        prop_assert_eq!(account.sent, model.sent());
        let received: u64 = model.sources.values().map(|&(_, received)| received).sum();
        prop_assert_eq!(account.lost, model.sent() - received);
    }
}
