//! Threads that end by themselves.

use super::*;

#[tokio::test]
async fn threads_that_end_before_anybody_asks_do_not_hold_up_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let (mut session, _) = Session::start(SessionSettings {
        node: Ident::near("n"),
        drain: DrainUrl::parse("http://127.0.0.1:9", None).unwrap(),
        state_dir: dir.path().join("state"),
        timestamp_key: Vec::new(),
        label_tag: false,
        copy: None,
        delivery: Settings::default(),
        snapshots: true,
        tap: None,
        totals: false,
    })
    .unwrap();
    session.stop_ingest().await.unwrap();
    while !session.rendered.is_closed() {
        tokio::task::yield_now().await;
    }
    let ended = async { while !matches!(session.next().await, SessionEvent::AllWritten) {} };
    // Far beyond any wait that there is: what is asserted is that it comes at all.
    tokio::time::timeout(std::time::Duration::from_secs(60), ended).await.unwrap();
    session.close().await;
}
