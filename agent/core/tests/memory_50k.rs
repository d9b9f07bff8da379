//! What 50,000 labels cost, and what a hostile sender can make the data side cost: heap bytes by a counting allocator.
//! One test, so that nothing else allocates meanwhile.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use gridnode_core::base::ids::Ident;
use gridnode_core::base::limits::{PAST_SOURCES_MAX, SOURCES_MAX};
use gridnode_core::base::run::RunIdentity;
use gridnode_core::base::time::{Mono, NS_PER_S, Now, Wall};
use gridnode_core::measure::RunSettings;
use gridnode_core::measure::ingest::{Ingest, IngestOutput, SocketId};
use gridnode_core::measure::window::WindowSettings;
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

struct Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: hands everything to the system's allocator and counts.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let live = LIVE.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.fetch_max(live, Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const MIB: f64 = (1 << 20) as f64;
const SOCKET: SocketId = SocketId(0);
const START_NS: i64 = 1_700_000_010 * NS_PER_S as i64;

struct Run {
    ingest: Ingest,
    now: Now,
    before: usize,
}

impl Run {
    fn new(labels_max: usize, period_s: u32) -> Self {
        let before = LIVE.load(Relaxed);
        let now = Now { mono: Mono(0), wall: Wall(START_NS) };
        let flood = Ident::new("7").unwrap();
        let identity = RunIdentity { account: None, flood, project: None, grid: None, region: None, run: 1 };
        let window = WindowSettings { period_s, grace_ms: 2_000 };
        let mut ingest = Ingest::new(5);
        ingest.open_run(now, SOCKET, RunSettings { identity, window, labels_max });
        Self { ingest, now, before }
    }

    fn send(&mut self, datagram: &str) {
        self.ingest.datagram(self.now, SOCKET, datagram.as_bytes());
    }

    /// As the shell does; closed windows are dropped here, as if they were handed on.
    fn tick(&mut self, after_ns: u64) {
        self.now = self.now.plus_ns(after_ns);
        self.ingest.tick(self.now);
        while let Some(output) = self.ingest.poll_output() {
            drop::<IngestOutput>(output);
        }
    }

    fn live_mib(&self) -> f64 {
        (LIVE.load(Relaxed) - self.before) as f64 / MIB
    }

    fn stated_mib(&self) -> f64 {
        self.ingest.totals(self.now, 0).unwrap().heap_bytes as f64 / MIB
    }
}

/// A cheap, deterministic spread of response times between 20 ms and some seconds.
fn rt_us(n: u64) -> u64 {
    let x = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    20_000 + x % 180_000 + if x.is_multiple_of(10) { x % 3_000_000 } else { 0 }
}

fn ten_samples_of_50_000_labels(run: &mut Run) {
    let mut datagram = String::new();
    for round in 0..10 {
        for label in 0..50_000_u64 {
            let rt = rt_us(round * 50_000 + label);
            let time_ns = run.now.wall.0;
            datagram += &format!(
                "sample,flood=7,label=GET+%2Fapi%2Fv1%2Fproducts%2F{label}%2Freviews rt={}.{:03},ok=t,code=\"200\",\
                 lat=12.5,conn=1.25,rx=5120i,tx=312i {time_ns}\n",
                rt / 1_000,
                rt % 1_000
            );
            if label % 40 == 39 {
                run.send(&datagram);
                datagram.clear();
            }
        }
    }
}

#[test]
fn memory() {
    fifty_thousand_labels();
    hostile_labels();
    hostile_sources_and_times();
    hostile_last_words();
}

fn fifty_thousand_labels() {
    let mut run = Run::new(50_000, 15);
    ten_samples_of_50_000_labels(&mut run);
    let (one, stated) = (run.live_mib(), run.stated_mib());
    println!(
        "50,000 labels of 10 samples, series + window + tag cache: {one:.1} MiB (stated: {stated:.1} MiB)"
    );
    assert!(run.ingest.totals(run.now, 0).unwrap().account.aggregated == 500_000);
    assert!(one <= 64.0, "{one:.1} MiB");
    assert!((one - stated).abs() < 0.15 * one, "what the agent states is what it uses");
    // Two seconds into the next window, the one before still waits for its close.
    run.tick(16 * NS_PER_S);
    ten_samples_of_50_000_labels(&mut run);
    let two = run.live_mib();
    run.tick(2 * NS_PER_S);
    let after = run.live_mib();
    println!("with two windows open: {two:.1} MiB; after the close: {after:.1} MiB");
    assert!(two <= 96.0 && after <= one * 1.1, "a closed window leaves nothing behind");
    run.ingest.close_all(run.now);
    drop(run.ingest);
}

/// A new label a line, a new tag a line, 512 bytes each, every byte URL-encoded.
fn hostile_labels() {
    let mut run = Run::new(10_000, 15);
    PEAK.store(LIVE.load(Relaxed), Relaxed);
    let text = "%C3%A9".repeat(250);
    for n in 0..60_000_u64 {
        let time_ns = run.now.wall.0;
        run.send(&format!("sample,flood=7,label={n:06}{text},thread=t{n} rt={n},ok=t {time_ns}"));
        if n % 10_000 == 9_999 {
            run.tick(3 * NS_PER_S);
        }
    }
    let totals = run.ingest.totals(run.now, 0).unwrap();
    assert_eq!((totals.labels, totals.account.aggregated), (10_000, 60_000));
    assert!(totals.tag_cache_resets > 0);
    let peak = (PEAK.load(Relaxed) - run.before) as f64 / MIB;
    println!("60,000 labels of 506 bytes and a tag of their own, cap 10,000: peak {peak:.1} MiB");
    assert!(peak <= 32.0, "{peak:.1} MiB");
}

/// 10,000 labels in as many late windows as may be open, and a source a datagram.
fn hostile_sources_and_times() {
    let mut run = Run::new(10_000, 1);
    PEAK.store(LIVE.load(Relaxed), Relaxed);
    for n in 0..200_000_u64 {
        let time_ns = START_NS - (n % 20) as i64 * NS_PER_S as i64;
        let label = n / 20;
        run.send(&format!(
            "sample,flood=7,label=l{label} rt=5,ok=t,code=\"200\" {time_ns}\nusers,flood=7,source=u{n} active=1i\n\
             ledger,flood=7,source=s{n} seq={}i,samples=1i",
            n % 5_000 + 1
        ));
    }
    let totals = run.ingest.totals(run.now, 0).unwrap();
    assert_eq!((totals.account.aggregated, totals.sources), (200_000, SOURCES_MAX as u64));
    let peak = (PEAK.load(Relaxed) - run.before) as f64 / MIB;
    println!("10,000 labels in each of the late windows, 200,000 sources: peak {peak:.1} MiB");
    assert!(peak <= 96.0, "{peak:.1} MiB");
}

/// Sources that close at once, as many as anybody likes.
fn hostile_last_words() {
    let mut run = Run::new(10_000, 1);
    PEAK.store(LIVE.load(Relaxed), Relaxed);
    for n in 0..200_000_u64 {
        run.send(&format!("ledger,flood=7,source=s{n} seq=1i,samples=0i,final=t"));
    }
    let totals = run.ingest.totals(run.now, 0).unwrap();
    assert_eq!(totals.sources, (PAST_SOURCES_MAX + SOURCES_MAX) as u64);
    let peak = (PEAK.load(Relaxed) - run.before) as f64 / MIB;
    println!("200,000 sources that close: peak {peak:.1} MiB");
    assert!(peak <= 4.0, "{peak:.1} MiB");
}
