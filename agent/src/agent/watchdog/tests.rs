//! Against a real datagram socket, as the service manager has one.

use super::*;
use crate::base::clock;
use crate::data::carry::Notes;
use crate::data::ingest::IngestThread;
use gridnode_core::measure::ingest::IngestOutput;
use std::io::ErrorKind;
use std::os::unix::net::UnixDatagram;
use tempfile::TempDir;

/// An hour: so long that no round comes by itself within a test.
const HOUR_NS: u64 = 3_600_000_000_000;

struct Manager {
    socket: UnixDatagram,
    dir: TempDir,
}

impl Manager {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let socket = UnixDatagram::bind(dir.path().join("notify")).unwrap();
        socket.set_nonblocking(true).unwrap();
        Self { socket, dir }
    }

    fn notifier(&self) -> Notifier {
        Notifier::connect(&self.dir.path().join("notify")).unwrap()
    }

    fn heard(&self) -> Option<String> {
        let mut datagram = [0; 2_048];
        match self.socket.recv(&mut datagram) {
            Ok(bytes) => Some(String::from_utf8(datagram[..bytes].to_vec()).unwrap()),
            Err(error) if error.kind() == ErrorKind::WouldBlock => None,
            Err(error) => panic!("{error}"),
        }
    }
}

fn mono() -> Mono {
    clock::now().mono
}

#[test]
fn states_go_out_as_the_service_manager_reads_them() {
    let manager = Manager::new();
    let notifier = manager.notifier();
    notifier.ready("takes commands\nWATCHDOG=1");
    assert_eq!(manager.heard().as_deref(), Some("READY=1\nSTATUS=takes commands WATCHDOG=1\n"));
    notifier.status(&"é".repeat(400));
    assert_eq!(manager.heard().map(|text| text.len()), Some("STATUS=\n".len() + STATUS_BYTES));
    notifier.stopping("SIGTERM");
    assert_eq!(manager.heard().as_deref(), Some("STOPPING=1\nSTATUS=SIGTERM\n"));
}

const STATUS_BYTES: usize = 500;

fn ingest_thread() -> (IngestThread, std::sync::mpsc::Receiver<IngestOutput>) {
    let notes = Notes::new(None, std::path::Path::new("unused"), 1);
    IngestThread::start(1, None, notes).unwrap()
}

#[tokio::test]
async fn it_is_fed_after_a_round_trip_to_the_ingest_thread() {
    let manager = Manager::new();
    let (ingest, _up) = ingest_thread();
    let mut watchdog = Watchdog::new(manager.notifier(), Some(HOUR_NS), mono());
    assert_eq!(watchdog.next(mono).await, Beat::Ask);
    assert_eq!(manager.heard(), None);
    watchdog.asked(ingest.ping());
    assert_eq!(watchdog.next(mono).await, Beat::Fed);
    assert_eq!(manager.heard().as_deref(), Some("WATCHDOG=1\n"));
    let next = watchdog.due().unwrap().since_ns(mono());
    assert!(next <= HOUR_NS / 2 && next > HOUR_NS / 4, "{next}");
}

/// An answer that does not come keeps the loop's other branches going and the watchdog hungry.
#[tokio::test]
async fn a_thread_that_does_not_answer_is_not_waited_for() {
    let manager = Manager::new();
    let mut watchdog = Watchdog::new(manager.notifier(), Some(HOUR_NS), mono());
    let (reply, answer) = oneshot::channel();
    watchdog.asked(Ok(answer));
    for _ in 0..3 {
        tokio::select! {
            biased;
            beat = watchdog.next(mono) => panic!("{beat:?}"),
            () = tokio::task::yield_now() => {}
        }
    }
    assert_eq!((manager.heard(), watchdog.due()), (None, None));
    reply.send(()).unwrap();
    assert_eq!(watchdog.next(mono).await, Beat::Fed);
}

#[tokio::test]
async fn a_thread_that_is_gone_starves_it() {
    let manager = Manager::new();
    let (ingest, _up) = ingest_thread();
    let mut watchdog = Watchdog::new(manager.notifier(), Some(HOUR_NS), mono());
    ingest.stop().await.unwrap();
    // Whether the channel is closed yet or the answer's other end is dropped: both are the end of it.
    watchdog.asked(ingest.ping());
    tokio::select! {
        biased;
        beat = watchdog.next(mono) => panic!("{beat:?}"),
        () = tokio::time::sleep(std::time::Duration::from_millis(20)) => {}
    }
    assert_eq!((manager.heard(), watchdog.due()), (None, None));
}

#[tokio::test]
async fn nobody_who_watches_is_no_work() {
    for interval_ns in [None, Some(0)] {
        let mut watchdog = Watchdog::new(Notifier::NONE, interval_ns, mono());
        watchdog.feed(mono());
        assert_eq!(watchdog.due(), None);
        watchdog.notifier().ready("");
        tokio::select! {
            biased;
            beat = watchdog.next(mono) => panic!("{beat:?}"),
            () = tokio::task::yield_now() => {}
        }
    }
}

#[test]
fn an_abstract_address_is_understood() {
    use std::os::linux::net::SocketAddrExt;
    let name = format!("gridnode-test-{}", std::process::id());
    let address = std::os::unix::net::SocketAddr::from_abstract_name(name.as_bytes()).unwrap();
    let socket = UnixDatagram::bind_addr(&address).unwrap();
    Notifier::connect(std::path::Path::new(&format!("@{name}"))).unwrap().status("x");
    let mut datagram = [0; 64];
    let bytes = socket.recv(&mut datagram).unwrap();
    assert_eq!(&datagram[..bytes], b"STATUS=x\n");
    assert!(Notifier::connect(std::path::Path::new("/nonexistent/notify")).is_err());
}
