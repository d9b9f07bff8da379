use super::*;
use std::io::{self, Write as _};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

const LONG: Duration = Duration::from_secs(60);

/// A disk that takes one `put` for each token.
struct Gate {
    tokens: Receiver<()>,
    taken: Arc<Mutex<Vec<u8>>>,
}

impl Sink for Gate {
    fn put(&mut self, bytes: &[u8]) -> Option<(u64, io::Error)> {
        self.tokens.recv().ok();
        self.taken.lock().unwrap().extend_from_slice(bytes);
        None
    }
}

struct Full;

impl Sink for Full {
    fn put(&mut self, bytes: &[u8]) -> Option<(u64, io::Error)> {
        Some((bytes.len() as u64, io::ErrorKind::StorageFull.into()))
    }
}

fn gate() -> (Gate, SyncSender<()>, Arc<Mutex<Vec<u8>>>) {
    let (open, tokens) = sync_channel(1);
    let taken = Arc::default();
    (Gate { tokens, taken: Arc::clone(&taken) }, open, taken)
}

#[test]
fn everything_arrives_in_order() {
    let (sink, open, taken) = gate();
    drop(open);
    let (read, mut write) = io::pipe().unwrap();
    let pump = Pump::start(read, sink).unwrap();
    let sent: Vec<u8> = (0..300_000u32).map(|n| (n % 253) as u8).collect();
    write.write_all(&sent).unwrap();
    drop(write);
    let progress = pump.finish(LONG);
    assert_eq!(progress, Progress { bytes: 300_000, done: true, ..Progress::default() });
    assert!(*taken.lock().unwrap() == sent);
}

#[test]
fn a_stuck_disk_costs_bytes_and_not_the_writer() {
    let (sink, open, taken) = gate();
    let (read, mut write) = io::pipe().unwrap();
    let pump = Pump::start(read, sink).unwrap();
    // Nothing is taken yet: this returns only because the surplus is dropped.
    write.write_all(&vec![b'x'; 8 << 20]).unwrap();
    drop(write);
    assert!(!pump.finish(Duration::ZERO).done);
    drop(open);
    let progress = pump.finish(LONG);
    assert!(progress.done);
    assert_eq!(progress.bytes, 8 << 20);
    assert!(progress.dropped_bytes >= 5 << 20, "{progress:?}");
    assert_eq!(progress.dropped_bytes + taken.lock().unwrap().len() as u64, 8 << 20);
    assert!(progress.first_error.unwrap().contains("stuck"));
}

#[test]
fn a_full_disk_is_counted() {
    let (read, mut write) = io::pipe().unwrap();
    let pump = Pump::start(read, Full).unwrap();
    write.write_all(&[b'x'; 1_000]).unwrap();
    drop(write);
    let progress = pump.finish(LONG);
    assert_eq!((progress.bytes, progress.dropped_bytes), (1_000, 1_000));
    assert!(progress.first_error.is_some());
}

#[test]
fn a_pipe_that_someone_holds_does_not_hold_the_end_up() {
    let (read, write) = io::pipe().unwrap();
    let pump = Pump::start(read, Full).unwrap();
    assert!(!pump.finish(Duration::from_millis(10)).done);
    drop(write);
    assert!(pump.finish(LONG).done);
}
