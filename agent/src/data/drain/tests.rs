//! The client against Drains that misbehave in ways a real one cannot be made to show.

mod delivered;
mod early;
mod prefixes;
mod urls;

use super::*;
use gridnode_core::outbound::delivery::BatchId;
use gridnode_core::outbound::pack;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A Drain that sends prepared bytes, one answer a connection, the last one for ever, and keeps what it was sent.
struct FakeDrain {
    addr: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
}

#[derive(Debug, Clone)]
struct Request {
    head: String,
    body: Vec<u8>,
}

impl FakeDrain {
    async fn start(answers: Vec<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&requests);
        tokio::spawn(async move {
            for number in 0.. {
                let (mut stream, _) = listener.accept().await.unwrap();
                let answer = answers[std::cmp::min(number, answers.len() - 1)].clone();
                let request = read_request(&mut stream).await;
                log.lock().unwrap().push(request);
                drop(stream.write_all(&answer).await);
            }
        });
        Self { addr, requests }
    }

    fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

async fn read_request(stream: &mut TcpStream) -> Request {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let n = stream.read(&mut chunk).await.unwrap_or(0);
        bytes.extend_from_slice(&chunk[..n]);
        let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else {
            if n == 0 {
                return Request { head: String::new(), body: bytes };
            }
            continue;
        };
        let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
        let length = head.lines().find_map(|l| l.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
        if bytes.len() >= end + 4 + length || n == 0 {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            return Request { head, body: bytes[end + 4..].to_vec() };
        }
    }
}

fn response(status: u16, headers: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status} X\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        if status == 204 { 0 } else { body.len() }
    )
    .into_bytes()
}

fn client(url: &str) -> DrainClient {
    let timeouts = Timeouts { connect: Duration::from_secs(2), answer: Duration::from_secs(2) };
    DrainClient::with_timeouts(DrainUrl::parse(url, None).unwrap(), "node-1", timeouts).unwrap()
}

/// A batch of one line in a state directory, as if just written.
fn batch(dir: &tempfile::TempDir) -> Posting {
    let packed = pack::pack(b"m v=1 1\n", 42).remove(0);
    std::fs::write(dir.path().join("batch"), &packed.body).unwrap();
    let batch = BatchId { incarnation: 1, number: 1, writer: 0 };
    let checksum = Some(pack::checksum(&packed.body));
    Posting {
        batch,
        run: "7.1".into(),
        path: "batch".to_owned(),
        points: 1,
        samples: 42,
        checksum,
        wary: false,
        body: None,
    }
}

async fn post_to(url: &str) -> Answer {
    let dir = tempfile::tempdir().unwrap();
    match client(url).post(dir.path(), &batch(&dir)).await {
        Posted::Answer(answer) => answer,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn every_status_comes_back_as_it_is() {
    for status in [200, 204, 302, 400, 401, 403, 404, 405, 408, 413, 418, 429, 500, 503, 599] {
        let drain =
            FakeDrain::start(vec![response(status, "Retry-After: 7\r\nLocation: /x\r\n", "said so")]).await;
        let body = if status == 204 { "" } else { "said so" };
        let expected =
            HttpAnswer { status, body: body.into(), retry_after_s: Some(7), ..HttpAnswer::default() };
        assert_eq!(post_to(&format!("http://{}", drain.addr)).await, Answer::Http(expected));
        assert_eq!(drain.requests().len(), 1, "no retries, no redirects");
    }
}

#[tokio::test]
async fn a_post_is_what_the_contract_says() {
    let drain = FakeDrain::start(vec![response(204, "", "")]).await;
    post_to(&format!("http://us%3Aer:p%40ss@{}/prefix/?db=my%20db", drain.addr)).await;
    let Request { head, body } = drain.requests().remove(0);
    assert!(head.starts_with("POST /prefix/write?db=my+db&precision=ns HTTP/1.1\r\n"), "{head}");
    let head = head.to_ascii_lowercase();
    for expected in [
        "content-encoding: gzip",
        "x-gridnode-node: node-1",
        "x-gridnode-batch: node-1-1-1",
        "x-gridnode-samples: 42",
        "authorization: basic dxm6zxi6cebzcw==",
    ] {
        assert!(head.contains(expected), "{expected} is not in {head}");
    }
    let mut lines = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&body[..]), &mut lines).unwrap();
    assert_eq!(lines, "m v=1 1\n");
}

#[tokio::test]
async fn what_breaks_below_http_is_told_apart() {
    let kind = |answer| if let Answer::Transport(kind) = answer { kind } else { panic!("{answer:?}") };
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert_eq!(kind(post_to(&format!("http://{free}")).await), TransportKind::Connect);
    assert_eq!(kind(post_to("http://no-such-host.invalid:1").await), TransportKind::Dns);
    for (bytes, expected) in [(&b""[..], TransportKind::Broken), (b"SSH-2.0-x\r\n", TransportKind::Broken)] {
        let drain = FakeDrain::start(vec![bytes.to_vec()]).await;
        assert_eq!(kind(post_to(&format!("http://{}", drain.addr)).await), expected);
    }
    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", plain.local_addr().unwrap());
    let (answer, ()) = tokio::join!(post_to(&url), async {
        let (mut stream, _) = plain.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        drop(stream.read(&mut [0; 4096]).await);
    });
    assert_eq!(kind(answer), TransportKind::TlsNone);
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    assert_eq!(kind(post_to(&url).await), TransportKind::Timeout);
}

#[tokio::test]
async fn a_head_of_many_fields_is_read_and_the_stores_own_is_known() {
    let fields: String = (0..300).map(|i| format!("X-Field-{i}: 1\r\n")).collect();
    let drain =
        FakeDrain::start(vec![response(204, &format!("{fields}X-Influxdb-Version: 1.8\r\n"), "")]).await;
    let Answer::Http(answer) = post_to(&format!("http://{}", drain.addr)).await else { panic!() };
    assert!(answer.status == 204 && answer.has_store_header);
}

#[tokio::test]
async fn a_long_or_broken_off_body_costs_only_its_explanation() {
    let long = FakeDrain::start(vec![response(503, "", &"x".repeat(1 << 20))]).await;
    let Answer::Http(answer) = post_to(&format!("http://{}", long.addr)).await else { panic!() };
    assert_eq!((answer.status, answer.body.len()), (503, 4096));
    let cut = b"HTTP/1.1 404 X\r\nContent-Length: 100\r\n\r\nonly this".to_vec();
    let drain = FakeDrain::start(vec![cut]).await;
    let Answer::Http(answer) = post_to(&format!("http://{}", drain.addr)).await else { panic!() };
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn a_batch_that_cannot_be_read_is_not_posted() {
    let dir = tempfile::tempdir().unwrap();
    let posting = Posting { checksum: None, ..batch(&dir) };
    let path = dir.path().join(&posting.path);
    let body = std::fs::read(&path).unwrap();
    std::fs::write(&path, &body[..body.len() - 3]).unwrap();
    let drain = FakeDrain::start(vec![response(204, "", "")]).await;
    let client = client(&format!("http://{}", drain.addr));
    let posted = client.post(dir.path(), &posting).await;
    assert!(matches!(posted, Posted::Unreadable(_)), "{posted:?}");
    std::fs::remove_file(&path).unwrap();
    let posted = client.post(dir.path(), &posting).await;
    assert!(matches!(&posted, Posted::Unreadable(why) if why.contains("it is gone")), "{posted:?}");
    std::fs::create_dir(&path).unwrap();
    let posted = client.post(dir.path(), &posting).await;
    assert!(
        matches!(posted, Posted::NotRead(_)),
        "a fault of the disk says nothing about the batch: {posted:?}"
    );
    assert!(drain.requests().is_empty());
}

/// Found at a start, its name is all that is known of it; written by this process, every byte is.
#[tokio::test]
async fn a_batch_that_was_changed_since_it_was_written_is_not_posted() {
    let dir = tempfile::tempdir().unwrap();
    let posting = batch(&dir);
    let drain = FakeDrain::start(vec![response(204, "", "")]).await;
    let client = client(&format!("http://{}", drain.addr));
    let other = pack::pack(b"m v=2 1\n", 42).remove(0);
    std::fs::write(dir.path().join(&posting.path), &other.body).unwrap();
    let posted = client.post(dir.path(), &posting).await;
    assert!(matches!(&posted, Posted::Unreadable(why) if why.contains("not what was written")), "{posted:?}");
    assert!(drain.requests().is_empty());
}

#[tokio::test]
async fn a_ping_tells_a_drain_from_something_else() {
    let drain = FakeDrain::start(vec![response(204, "X-Influxdb-Version: 1.8.10\r\n", "")]).await;
    assert_eq!(
        client(&format!("http://{}", drain.addr)).ping().await.unwrap().to_string(),
        "InfluxDB 1.8.10"
    );
    let other =
        FakeDrain::start(vec![response(204, "", ""), response(200, "", "VictoriaMetrics is Healthy.\n")])
            .await;
    let store = client(&format!("http://{}/influx", other.addr)).ping().await.unwrap();
    assert_eq!(store, Store::VictoriaMetrics);
    assert!(other.requests()[1].head.starts_with("GET /influx/-/healthy "), "{:?}", other.requests()[1]);
    // Its path for lines has no ping, and no health either.
    let answers = vec![
        response(400, "", ""),
        response(400, "", ""),
        response(200, "", "VictoriaMetrics is Healthy.\n"),
    ];
    let below = FakeDrain::start(answers).await;
    let store = client(&format!("http://{}/insert/0/influx", below.addr)).ping().await.unwrap();
    assert_eq!(store, Store::VictoriaMetrics);
    assert!(below.requests()[2].head.starts_with("GET /-/healthy "), "{:?}", below.requests()[2]);
    let locked = FakeDrain::start(vec![response(401, "", "")]).await;
    let error = client(&format!("http://a:secret@{}", locked.addr)).ping().await.unwrap_err().to_string();
    assert!(error.contains("check user, password or token") && !error.contains("secret"), "{error}");
    let other = FakeDrain::start(vec![response(404, "", "")]).await;
    let error = client(&format!("http://a:secret@{}", other.addr)).ping().await.unwrap_err().to_string();
    assert!(error.contains("answers /ping with 404") && !error.contains("secret"), "{error}");
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = client(&format!("http://a:secret@{free}")).ping().await.unwrap_err().to_string();
    assert!(
        error.contains("does not answer") && error.contains("refused") && !error.contains("secret"),
        "{error}"
    );
}
