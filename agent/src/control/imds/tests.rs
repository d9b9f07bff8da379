//! The client against a service that can be made to fail.

use super::watch::watch_every;
use super::*;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// What the service has and has seen.
#[derive(Default)]
struct Inside {
    texts: BTreeMap<String, String>,
    tokens: u32,
    /// Answers still to be given with this status instead.
    failures: (u32, u16),
    never_answers: bool,
}

struct Service {
    inside: Arc<Mutex<Inside>>,
    url: String,
    task: JoinHandle<()>,
}

impl Service {
    async fn start(texts: &[(&str, &str)]) -> Self {
        let texts = texts.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        let inside = Arc::new(Mutex::new(Inside { texts, ..Inside::default() }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().fallback(answer).with_state(Arc::clone(&inside));
        let task = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { inside, url, task }
    }

    fn change(&self, change: impl FnOnce(&mut Inside)) {
        change(&mut self.inside.lock().unwrap());
    }

    fn set(&self, path: &str, text: &str) {
        self.change(|inside| drop(inside.texts.insert(path.to_owned(), text.to_owned())));
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(
    State(inside): State<Arc<Mutex<Inside>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> (StatusCode, String) {
    if inside.lock().unwrap().never_answers {
        return std::future::pending().await;
    }
    let mut inside = inside.lock().unwrap();
    if method == Method::PUT && uri.path() == "/latest/api/token" {
        let ttl = headers.get("X-aws-ec2-metadata-token-ttl-seconds").and_then(|v| v.to_str().ok());
        if ttl != Some("21600") {
            return (StatusCode::BAD_REQUEST, String::new());
        }
        inside.tokens += 1;
        return (StatusCode::OK, format!("token-{}", inside.tokens));
    }
    let token = headers.get(TOKEN_HEADER).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if token != format!("token-{}", inside.tokens) {
        return (StatusCode::UNAUTHORIZED, String::new());
    }
    if inside.failures.0 > 0 {
        inside.failures.0 -= 1;
        return (StatusCode::from_u16(inside.failures.1).unwrap(), String::new());
    }
    let path = uri.path().strip_prefix("/latest/meta-data/").unwrap_or_default();
    match inside.texts.get(path) {
        Some(text) => (StatusCode::OK, text.clone()),
        None => (StatusCode::NOT_FOUND, String::new()),
    }
}

const INSTANCE: [(&str, &str); 2] = [("instance-id", "i-0123"), ("placement/region", "us-east-1")];

fn ident(text: &str) -> Option<Ident> {
    Ident::new(text).ok()
}

#[tokio::test]
async fn who_a_node_is() {
    let service = Service::start(&INSTANCE).await;
    let imds = Imds::new(&service.url).unwrap();
    let mut identity =
        Identity { instance_id: ident("i-0123"), region: ident("us-east-1"), ..Identity::default() };
    assert_eq!(imds.identity().await.unwrap(), identity);
    service.set("tags/instance/grid", "9\n");
    service.set("tags/instance/gridnode:node", "seven");
    (identity.grid, identity.node) = (ident("9"), ident("seven"));
    assert_eq!(imds.identity().await.unwrap(), identity);
    service.set("tags/instance/gridnode:grid", "10");
    assert_eq!(imds.identity().await.unwrap().grid, ident("10"));
    assert_eq!(service.inside.lock().unwrap().tokens, 1, "the token is kept");
}

#[tokio::test]
async fn a_token_that_is_refused_is_renewed_once() {
    let service = Service::start(&INSTANCE).await;
    let imds = Imds::new(&service.url).unwrap();
    imds.identity().await.unwrap();
    service.change(|inside| inside.tokens = 10);
    assert_eq!(imds.identity().await.unwrap().instance_id, ident("i-0123"));
    assert_eq!(service.inside.lock().unwrap().tokens, 11);
    service.change(|inside| inside.failures = (u32::MAX, 401));
    let error = imds.identity().await.unwrap_err();
    assert!(matches!(error, ImdsError::Refused { status: 401, .. }), "{error}");
}

#[tokio::test]
async fn faults_are_told_and_over() {
    let service = Service::start(&INSTANCE).await;
    let imds = Imds::new(&service.url).unwrap();
    service.change(|inside| inside.failures = (1, 500));
    let error = imds.identity().await.unwrap_err();
    assert_eq!(error.to_string(), "tags/instance/gridnode:grid was answered with status 500");
    assert!(!error.is_answer());
    service.set("instance-id", &"x".repeat(5_000));
    assert!(matches!(imds.identity().await, Err(ImdsError::Nonsense { wanted: "a short text", .. })));
    service.set("instance-id", "i-0123");
    service.set("tags/instance/grid", "my grid");
    let error = imds.identity().await.unwrap_err();
    assert!(error.is_answer() && error.to_string().contains("`my grid`"), "{error}");
    service.change(|inside| inside.never_answers = true);
    let error = imds.identity().await.unwrap_err();
    assert!(matches!(error, ImdsError::NoAnswer { .. }), "{error}");
}

#[tokio::test]
async fn a_token_that_does_not_come_is_the_hop_limit_by_its_name() {
    let service = Service::start(&INSTANCE).await;
    service.change(|inside| inside.never_answers = true);
    let error = Imds::new(&service.url).unwrap().identity().await.unwrap_err().to_string();
    assert!(error.contains("HttpPutResponseHopLimit") && error.contains("to 2"), "{error}");
}

#[tokio::test]
async fn whether_there_are_tags_at_all() {
    let service = Service::start(&INSTANCE).await;
    let imds = Imds::new(&service.url).unwrap();
    assert!(!imds.has_tags().await.unwrap());
    service.set("tags/instance", "Name");
    assert!(imds.has_tags().await.unwrap());
}

#[tokio::test]
async fn nobody_there_is_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = Imds::new(&url).unwrap().identity().await.unwrap_err();
    assert!(error.to_string().starts_with("failed to reach api/token: "), "{error}");
}

#[tokio::test]
async fn the_instances_end() {
    let service = Service::start(&INSTANCE).await;
    let imds = Imds::new(&service.url).unwrap();
    assert_eq!(imds.going_away().await.unwrap(), None);
    service.set("autoscaling/target-lifecycle-state", "InService");
    assert_eq!(imds.going_away().await.unwrap(), None);
    service.set("autoscaling/target-lifecycle-state", "Terminated");
    let notice = imds.going_away().await.unwrap().unwrap();
    assert_eq!((notice.reason.as_str(), notice.at), ("the Auto Scaling group terminates the instance", None));
    service.set("spot/instance-action", r#"{"action":"terminate","time":"2026-03-01T09:30:00Z"}"#);
    let notice = imds.going_away().await.unwrap().unwrap();
    assert_eq!(notice.reason, "spot interruption (terminate)");
    assert_eq!(notice.at.map(rfc3339::format).as_deref(), Some("2026-03-01T09:30:00.000Z"));
    assert!(notice.for_good);
    service.set("spot/instance-action", r#"{"action":"hibernate"}"#);
    assert!(!imds.going_away().await.unwrap().unwrap().for_good);
    service.set("spot/instance-action", "soon");
    assert!(matches!(imds.going_away().await, Err(ImdsError::Nonsense { .. })));
    service.set("spot/instance-action", r#"{"action":"terminate","time":"soon"}"#);
    assert!(matches!(imds.going_away().await, Err(ImdsError::Nonsense { .. })));
}

/// A watch that tells nothing must fail, not hang.
async fn next(told: &mut mpsc::Receiver<GoingAway>) -> Option<GoingAway> {
    tokio::time::timeout(Duration::from_secs(30), told.recv()).await.unwrap()
}

#[tokio::test]
async fn the_watch_survives_faults_and_tells_each_notice_once() {
    let service = Service::start(&INSTANCE).await;
    let imds = Imds::new(&service.url).unwrap();
    service.change(|inside| inside.failures = (3, 503));
    service.set("spot/instance-action", r#"{"action":"stop","time":"2026-03-01T09:30:00Z"}"#);
    let (tell, mut told) = mpsc::channel(4);
    let cancelled = CancellationToken::new();
    let token = cancelled.clone();
    let watching = tokio::spawn(async move {
        watch_every(Duration::from_millis(1), &imds, &tell, &token).await;
    });
    assert_eq!(next(&mut told).await.unwrap().reason, "spot interruption (stop)");
    service.set("spot/instance-action", r#"{"action":"terminate","time":"2026-03-01T09:31:00Z"}"#);
    assert_eq!(next(&mut told).await.unwrap().reason, "spot interruption (terminate)");
    cancelled.cancel();
    watching.await.unwrap();
    assert_eq!(next(&mut told).await, None);
}
