use super::*;
use crate::base::ids::Ident;
use crate::base::time::{Mono, Now, Wall};
use crate::measure::RunSettings;
use crate::measure::ingest::{IngestOutput, SocketId};
use crate::measure::window::WindowSettings;
use proptest::prelude::*;

const S: i64 = 1_000_000_000;

fn at(wall_ns: i64) -> Now {
    Now { mono: Mono(u64::try_from(wall_ns).unwrap()), wall: Wall(wall_ns) }
}

fn ingest() -> Ingest {
    let identity = RunIdentity {
        account: Some(Ident::new("1").unwrap()),
        flood: Ident::new("7").unwrap(),
        project: None,
        grid: None,
        region: None,
        run: 3,
    };
    let window = WindowSettings { period_s: 15, grace_ms: 2_000 };
    let mut ingest = Ingest::new(1);
    ingest.open_run(at(1_000 * S), SocketId(0), RunSettings { identity, window, labels_max: 100 });
    ingest
}

fn whole(ingest: &Ingest, key: WindowKey, series_max: usize) -> Vec<u8> {
    let (mut snapshot, mut bytes) = (Snapshot::of(key), Vec::new());
    while snapshot.piece(ingest, series_max, &mut bytes) == Piece::More {}
    bytes
}

/// What comes of the windows when they close, and of their snapshots just before.
fn both(lines: &[String], series_max: usize) -> (Vec<ClosedWindow>, Vec<ClosedWindow>) {
    let mut ingest = ingest();
    for line in lines {
        ingest.datagram(at(1_001 * S), SocketId(0), line.as_bytes());
    }
    let keys = ingest.snapshot_keys(9);
    let taken: Vec<_> = keys.into_iter().map(|key| read(&whole(&ingest, key, series_max)).unwrap()).collect();
    assert!(taken.iter().all(|(key, window)| key.start_ns == window.start_ns && key.incarnation == 9));
    ingest.close_all(at(1_002 * S));
    let closed = std::iter::from_fn(|| ingest.poll_output()).filter_map(|output| match output {
        IngestOutput::Window(window) => Some(*window),
        _ => None,
    });
    (
        closed.filter(|window| window.samples > 0).collect(),
        taken.into_iter().map(|(_, window)| window).collect(),
    )
}

fn shown(window: &ClosedWindow) -> String {
    let series: Vec<String> = window.series.iter().map(|series| format!("{series:?}")).collect();
    let identity = &window.identity;
    format!(
        "{} {} {} {identity:?} {:?} {series:#?}",
        window.start_ns, window.part_n, window.samples, window.users
    )
}

proptest! {
    #[test]
    fn a_snapshot_is_what_the_window_would_have_been(
        samples in prop::collection::vec(
            (0_u8..12, 0_u64..4_000_000_000, 0..2_u8, 990_i64..1_003, prop::option::of(0_u32..700)),
            1..200,
        ),
        series_max in 1_usize..20,
    ) {
        let lines: Vec<String> = samples.iter().map(|(label, us, kind, s, code)| {
            let kind = if *kind == 0 { "request" } else { "transaction" };
            let code = code.map(|code| format!(",code=\"{code}\",lat=1.5,rx={code}i")).unwrap_or_default();
            let rt = format!("{}.{:03}", us / 1_000, us % 1_000);
            format!("sample,flood=7,label=l%20{label} rt={rt},ok=f,users=3i,kind=\"{kind}\"{code} {}\n", s * S)
        }).collect();
        let (closed, taken) = both(&lines, series_max);
        prop_assert_eq!(closed.len(), taken.len());
        for (closed, taken) in closed.iter().zip(&taken) {
            prop_assert_eq!(shown(closed), shown(taken));
        }
    }

    #[test]
    fn nothing_that_is_read_breaks_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..300), at in 0_usize..900) {
        let _ = read(&bytes);
        let ingest = {
            let mut ingest = ingest();
            ingest.datagram(super::tests::at(1_001 * S), SocketId(0), b"sample,flood=7,label=a rt=1,ok=t 1000000000000\n");
            ingest
        };
        let good = whole(&ingest, ingest.snapshot_keys(1)[0], 10);
        let mut bad = good.clone();
        let at = at % bad.len();
        for byte in bytes {
            bad[at] = byte;
            // With a checksum that fits, so that the rest is read.
            let end = bad.len() - 4;
            let mut crc = Crc::new();
            crc.update(&bad[..end]);
            let sum = crc.sum().to_le_bytes();
            bad[end..].copy_from_slice(&sum);
            let _ = read(&bad);
        }
        prop_assert!(read(&good[..at]).is_err());
    }
}

#[test]
fn a_window_that_closes_meanwhile_leaves_none() {
    let mut ingest = ingest();
    for label in 0..5 {
        let line = format!("sample,flood=7,label=l{label} rt=1,ok=t {}\n", 1_000 * S);
        ingest.datagram(at(1_000 * S), SocketId(0), line.as_bytes());
    }
    let mut snapshot = Snapshot::of(ingest.snapshot_keys(1)[0]);
    let mut bytes = Vec::new();
    assert_eq!(snapshot.piece(&ingest, 2, &mut bytes), Piece::More);
    ingest.tick(at(1_030 * S));
    assert_eq!(snapshot.piece(&ingest, 2, &mut bytes), Piece::Gone);
    assert!(read(&bytes).is_err());
}

#[test]
fn a_key_is_known_again_by_its_name() {
    let key = WindowKey { incarnation: 2, run: 0, start_ns: 1_000, part_n: 7 };
    assert_eq!(key.to_string().parse(), Ok(key));
    for bad in ["", "1.2.3", "1.2.3.4.5", "a.2.3.4"] {
        assert_eq!(bad.parse::<WindowKey>(), Err(()));
    }
}
