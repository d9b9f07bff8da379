//! The Drain over real HTTP, as plain clients and ours see it.

use super::*;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

const LINE: &str = "transaction_rate_mean,flood=7,label_id=00 value=1.0,count=3i,passed=3i,failed=0i,window_s=15.0,label=\"a\",kind=\"request\" 15000000001";

async fn drain(options: DrainOptions) -> (DrainServer, reqwest::Client) {
    crate::data::drain::install_tls_provider();
    let server = DrainServer::start("127.0.0.1:0".parse().unwrap(), options).await.unwrap();
    (server, reqwest::Client::builder().no_proxy().build().unwrap())
}

async fn post(
    server: &DrainServer,
    http: &reqwest::Client,
    query: &str,
    body: Vec<u8>,
    gzip: bool,
) -> (u16, String) {
    let mut request = http.post(format!("{}/write?{query}", server.url())).body(body);
    if gzip {
        request = request.header("Content-Encoding", "gzip");
    }
    let response = request.send().await.unwrap();
    assert!(
        response.headers().contains_key("X-Influxdb-Version")
            && response.headers().contains_key("Request-Id")
    );
    (response.status().as_u16(), response.text().await.unwrap())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(1));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn writes_are_merged_once_and_summed_up() {
    let (server, http) = drain(DrainOptions::default()).await;
    assert_eq!(
        post(&server, &http, "db=x&precision=ns", gzip(LINE.as_bytes()), true).await,
        (204, String::new())
    );
    assert_eq!(post(&server, &http, "db=x", LINE.into(), false).await.0, 204);
    let text = http.get(format!("{}/summary", server.url())).send().await.unwrap().text().await.unwrap();
    let summary: Summary = serde_json::from_str(&text).unwrap();
    assert_eq!((summary.floods[0].total.count, summary.duplicate_points), (3, 1));
    assert_eq!(server.counts(), DrainCounts { writes: 2, stored: 2, refused_lines: 0 });
    assert_eq!(server.shutdown().await, summary);
}

#[tokio::test]
async fn what_is_wrong_is_said_with_line_and_column_and_the_rest_kept() {
    let (server, http) = drain(DrainOptions::default()).await;
    let body = format!("{LINE}\nnonsense\nm,t= v=1 1\n");
    let (status, text) = post(&server, &http, "db=x", body.into(), false).await;
    assert_eq!(status, 400);
    let error =
        serde_json::from_str::<serde_json::Value>(&text).unwrap()["error"].as_str().unwrap().to_owned();
    assert!(error.starts_with("partial write: unable to parse 'nonsense': line 2, column "), "{error}");
    assert!(error.contains("line 3, column ") && error.ends_with("dropped=2"), "{error}");
    assert_eq!(server.summary().floods[0].total.count, 3);
    let (status, text) = post(&server, &http, "db=x", "nonsense".into(), false).await;
    assert!(status == 400 && !text.contains("partial write"), "{text}");
}

#[tokio::test]
async fn a_write_needs_a_database_and_nanoseconds() {
    let (server, http) = drain(DrainOptions::default()).await;
    for (query, said) in
        [("", "database is required"), ("db=", "database is required"), ("db=x&precision=ms", "`ms`")]
    {
        let (status, text) = post(&server, &http, query, LINE.into(), false).await;
        assert!(status == 400 && text.contains(said), "{query}: {text}");
    }
    assert_eq!(server.summary().points, 0);
}

#[tokio::test]
async fn large_bodies_are_413_before_and_after_decompression() {
    let options =
        DrainOptions { body_bytes_max: 60_000, lines_bytes_max: 100_000, ..DrainOptions::default() };
    let (server, http) = drain(options).await;
    assert_eq!(post(&server, &http, "db=x", vec![b'\n'; 60_001], false).await.0, 413);
    let bomb = gzip(&vec![b'\n'; 5_000_000]);
    assert!(bomb.len() < 60_000, "small enough as it comes: {}", bomb.len());
    assert_eq!(post(&server, &http, "db=x", bomb, true).await.0, 413);
    let (status, text) = post(&server, &http, "db=x", gzip(LINE.as_bytes())[..40].to_vec(), true).await;
    assert!(status == 400 && text.contains("not whole gzip"), "{text}");
    let encoded =
        http.post(format!("{}/write?db=x", server.url())).header("Content-Encoding", "br").body("x");
    assert_eq!(encoded.send().await.unwrap().status().as_u16(), 415);
}

#[tokio::test]
async fn ping_query_and_strangers_get_an_answer() {
    let (server, http) = drain(DrainOptions::default()).await;
    let get = |path: &str| http.get(format!("{}{path}", server.url())).send();
    assert_eq!(get("/ping").await.unwrap().status().as_u16(), 204);
    let created = get("/query?q=CREATE+DATABASE+x").await.unwrap();
    assert!(created.text().await.unwrap().contains("\"results\""));
    assert_eq!(get("/nowhere").await.unwrap().status().as_u16(), 404);
    assert_eq!(get("/write").await.unwrap().status().as_u16(), 405);
}

#[tokio::test]
async fn accepted_lines_are_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rollups.lp");
    let (server, http) = drain(DrainOptions { record: Some(path.clone()), ..DrainOptions::default() }).await;
    post(&server, &http, "db=x", format!("{LINE}\nnonsense\n").into(), false).await;
    assert_eq!(std::fs::read_to_string(path).unwrap(), format!("{LINE}\n"));
}

#[tokio::test]
async fn a_port_in_use_is_a_sentence() {
    let (server, _) = drain(DrainOptions::default()).await;
    let error = DrainServer::start(server.addr(), DrainOptions::default()).await.unwrap_err().to_string();
    assert!(error.contains("failed to listen on 127.0.0.1:") && error.contains("--listen"), "{error}");
}
