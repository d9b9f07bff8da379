//! Over a real unix socket, the loop's part played by the test.

use super::*;
use gridnode_core::base::ids::Ident;
use gridnode_core::base::run::RunKey;
use gridnode_core::base::time::Wall;
use gridnode_core::measure::ledger::SampleAccount;
use gridnode_core::node::{NodeCounters, NodePhase, RunStatus};
use gridnode_core::outbound::delivery::BatchAccount;
use std::collections::VecDeque;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use tokio::io::AsyncReadExt;
use tokio::net::UnixStream;
use tokio::sync::mpsc;

/// A node in the middle of a run, all well.
pub(crate) fn document() -> StatusDocument {
    let started = Wall(1_772_357_400_000_000_000);
    let now = Wall(started.0 + 750_000_000_000);
    let run = RunStatus {
        run: RunKey { id: Ident::near("checkout"), run: 3 },
        phase: "running",
        tool_started_ns: Some(started.0),
    };
    let run = RunView {
        tool: Some("jmeter".to_owned()),
        tool_pid: Some(991),
        users: Some(100),
        requests: Some(107_400),
        failed_requests: Some(12),
        labels: Some(14),
        windows_closed: Some(49),
        last_window: Some(last_window()),
        ledger: Some(SampleAccount {
            sent: 107_412,
            received: 107_412,
            aggregated: 107_412,
            ..SampleAccount::default()
        }),
        ..RunView::new(&run, now)
    };
    StatusDocument {
        version: VERSION,
        time: gridnode_core::base::rfc3339::format(now),
        node: Ident::near("i-0abc"),
        grid: Some(Ident::near("9")),
        region: Some(Ident::near("eu-west-1")),
        agent_version: "0.1.0".to_owned(),
        incarnation: 7,
        pid: 812,
        uptime_s: 11_524,
        hindrances: Vec::new(),
        phase: NodePhase::Accepting,
        runs_max: Some(1),
        runs: vec![run],
        queue: QueueStatus {
            phase: "listening".to_owned(),
            ready: true,
            name: Some("gridnode-i-0abc".to_owned()),
            ..QueueStatus::default()
        },
        delivery: DeliveryStatus {
            drain: "http://drain:8086/?db=results".to_owned(),
            total: BatchAccount::default(),
            ..DeliveryStatus::default()
        },
        health: Some(HealthStatus {
            values: [("cpu_percent", 34.2), ("memory_used_percent", 41.0), ("load1", 1.4)]
                .map(|(name, value)| (name.to_owned(), value))
                .into(),
            ..HealthStatus::default()
        }),
        counters: NodeCounters {
            messages: 12,
            not_for_us: 3,
            accepted: 3,
            finished: 2,
            ..NodeCounters::default()
        },
        events_waiting: 0,
        journal_broken: false,
        warnings: VecDeque::new(),
        lookers_refused: 0,
    }
}

fn last_window() -> WindowStatus {
    WindowStatus { start_s: 1_772_358_120, window_s: 15, requests_per_s: 143.2, p95_ms: Some(84.4) }
}

fn answer_all(mut inbox: mpsc::Receiver<StatusRequest>) {
    tokio::spawn(async move {
        while let Some(request) = inbox.recv().await {
            request.answer(document());
        }
    });
}

#[tokio::test]
async fn who_connects_gets_the_document_and_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let (server, inbox) = StatusServer::start(dir.path()).unwrap();
    answer_all(inbox);
    let (read, text) = fetch(server.path()).await.unwrap();
    assert_eq!(read, document());
    assert!(!text.contains('\n') && text.starts_with("{\"version\":1,"), "{text}");
    let mode = fs::metadata(server.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o660);
    let path = server.path().to_owned();
    drop(server);
    assert!(matches!(fetch(&path).await, Err(StatusError::NoAgent { .. })));
    assert!(!path.exists());
}

#[tokio::test]
async fn a_dead_agents_socket_is_replaced_and_a_live_ones_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let path = socket_path(dir.path());
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    assert!(path.exists() && matches!(fetch(&path).await, Err(StatusError::NoAgent { .. })));
    let (server, inbox) = StatusServer::start(dir.path()).unwrap();
    answer_all(inbox);
    let second = StatusServer::start(dir.path()).map(|_| ());
    assert!(matches!(second, Err(StatusServerError::InUse { .. })), "{second:?}");
    assert!(fetch(server.path()).await.is_ok());
}

#[tokio::test]
async fn what_is_no_socket_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(socket_path(dir.path()), "precious").unwrap();
    let refused = StatusServer::start(dir.path()).map(|_| ());
    assert!(matches!(refused, Err(StatusServerError::NotASocket { .. })));
    assert_eq!(fs::read(socket_path(dir.path())).unwrap(), b"precious");
}

/// The receiver is held and never read: that is what a loop that hangs looks like from outside.
#[tokio::test]
async fn a_loop_that_hangs_shows_as_such() {
    let dir = tempfile::tempdir().unwrap();
    let (server, _inbox) = StatusServer::start(dir.path()).unwrap();
    let stuck = fetch(server.path()).await.unwrap_err();
    assert!(matches!(stuck, StatusError::Stuck { pid } if pid == u64::from(std::process::id())), "{stuck}");
}

#[tokio::test]
async fn readers_that_stall_harm_nobody_and_too_many_are_turned_away() {
    let dir = tempfile::tempdir().unwrap();
    let (server, mut inbox) = StatusServer::start(dir.path()).unwrap();
    let mut held = Vec::new();
    let mut stalled = Vec::new();
    for _ in 0..server::LOOKERS_MAX {
        stalled.push(UnixStream::connect(server.path()).await.unwrap());
        held.push(inbox.recv().await.unwrap());
    }
    // All places are taken by unanswered requests.
    let refused = fetch(server.path()).await.unwrap_err();
    assert!(matches!(refused, StatusError::Refused { .. }), "{refused}");
    held.into_iter().for_each(|request| request.answer(document()));
    // Each of them is closed by the server without having been read.
    for stream in &mut stalled {
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        assert!(text.ends_with("}\n"));
    }
    answer_all(inbox);
    let (read, _) = fetch(server.path()).await.unwrap();
    assert_eq!(read.lookers_refused, 1);
}

#[tokio::test]
async fn what_is_no_agent_is_told_apart() {
    for (said, wanted) in [
        ("", "said nothing"),
        ("hello\n", "not an agent"),
        ("{\"version\":9}\n", "version Some(9), not 1"),
        ("{\"version\":1}\n", "missing field"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let path = socket_path(dir.path());
        let listener = tokio::net::UnixListener::bind(&path).unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::io::AsyncWriteExt::write_all(&mut stream, said.as_bytes()).await.unwrap();
        });
        let error = fetch(&path).await.unwrap_err();
        assert!(error.to_string().contains(wanted) && !error.advice().is_empty(), "{said:?}: {error}");
    }
}

#[test]
fn warnings_are_bounded_and_the_latest_stay() {
    let mut warnings = VecDeque::new();
    for n in 0..20 {
        StatusDocument::note(&mut warnings, Wall(0), n.to_string());
    }
    let texts: Vec<&str> = warnings.iter().map(|warning| warning.text.as_str()).collect();
    assert_eq!((texts.len(), texts[0], texts[7]), (WARNINGS_MAX, "12", "19"));
}
