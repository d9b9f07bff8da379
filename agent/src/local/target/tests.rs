//! The site as a client sees it, over real sockets on loopback.

use super::connections::Limited;
use super::{Target, site};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Sends one request and gives back the whole answer; the server closes because it is asked to.
async fn ask(target: &Target, method: &str, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(target.addr).await.unwrap();
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: t\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn every_page_answers_as_documented() {
    let target = Target::start().await.unwrap();
    assert!(target.addr.ip().is_loopback());
    let page = ask(&target, "GET", "/", "").await;
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("Welcome"), "{page}");
    assert!(ask(&target, "GET", "/slow", "").await.contains("Search results"));
    assert!(ask(&target, "GET", "/healthz", "").await.ends_with("ok\n"));
    let login = ask(&target, "POST", "/login", "user=ann&password=x").await;
    assert!(login.starts_with("HTTP/1.1 302") && login.contains("location: /\r\n"), "{login}");
    assert!(ask(&target, "GET", "/nothing", "").await.starts_with("HTTP/1.1 404"));
    target.shutdown().await;
}

#[tokio::test]
async fn the_flaky_page_fails_when_its_number_comes_up() {
    let target = Target::start().await.unwrap();
    for nth in 0..60 {
        let answer = ask(&target, "GET", "/flaky", "").await;
        let expected = if super::dice::flaky_fails(nth) { "HTTP/1.1 500" } else { "HTTP/1.1 200" };
        assert!(answer.starts_with(expected), "answer {nth}: {answer}");
    }
    target.shutdown().await;
}

#[tokio::test]
async fn after_shutdown_nobody_listens() {
    let target = Target::start().await.unwrap();
    let addr = target.addr;
    target.shutdown().await;
    assert!(TcpStream::connect(addr).await.is_err());
}

#[tokio::test]
async fn a_connection_beyond_the_cap_is_served_once_another_closes() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let addr = listener.local_addr().unwrap();
    let server = tokio::spawn(axum::serve(Limited::new(listener, 1), site()).into_future());
    let first = TcpStream::connect(addr).await.unwrap();
    let mut second = TcpStream::connect(addr).await.unwrap();
    second.write_all(b"GET /healthz HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n").await.unwrap();
    // Nothing may arrive while the first holds the only place; a round of the scheduler each gives it every chance.
    let mut byte = [0];
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
        assert!(second.try_read(&mut byte).is_err(), "served beyond the cap");
    }
    drop(first);
    let mut answer = String::new();
    second.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    server.abort();
}
