//! Answers as InfluxDB 1.x gives them.

use super::Shared;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use gridnode_core::merge::Runs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What a client that looks at the version should take us for.
const VERSION: &str = concat!("1.8.10-gridnode-", env!("CARGO_PKG_VERSION"));

pub(super) async fn ping() -> Response {
    with_influx_headers(StatusCode::NO_CONTENT.into_response())
}

/// Every statement succeeds and does nothing: databases come into being by being written to.
pub(super) async fn query() -> Response {
    json(StatusCode::OK, "{\"results\":[{\"statement_id\":0}]}\n".to_owned())
}

/// `?runs=added` adds up the runs of each flood.
pub(super) async fn summary(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery) -> Response {
    let runs = match query.as_deref() {
        None | Some("" | "runs=apart") => Runs::Apart,
        Some("runs=added") => Runs::AddedUp,
        Some(_) => return error(StatusCode::BAD_REQUEST, "/summary takes ?runs=apart or ?runs=added"),
    };
    let summary = shared.lock().merge.summary_of(runs);
    match serde_json::to_string_pretty(&summary) {
        Ok(text) => json(StatusCode::OK, text + "\n"),
        Err(failure) => error(StatusCode::INTERNAL_SERVER_ERROR, &failure.to_string()),
    }
}

pub(super) async fn not_found() -> Response {
    error(StatusCode::NOT_FOUND, "there is only /ping, /write, /query and /summary here")
}

pub(super) async fn method_not_allowed() -> Response {
    error(StatusCode::METHOD_NOT_ALLOWED, "this path does not take this method")
}

pub(super) fn stored() -> Response {
    with_influx_headers(StatusCode::NO_CONTENT.into_response())
}

pub(super) fn error(status: StatusCode, message: &str) -> Response {
    let body = serde_json::json!({ "error": message }).to_string() + "\n";
    let mut response = json(status, body);
    // HTTP headers are Latin-1 at best; InfluxDB says it in both places.
    if let Ok(value) = HeaderValue::from_str(message) {
        response.headers_mut().insert("X-Influxdb-Error", value);
    }
    response
}

fn json(status: StatusCode, body: String) -> Response {
    with_influx_headers((status, [(header::CONTENT_TYPE, "application/json")], body).into_response())
}

fn with_influx_headers(mut response: Response) -> Response {
    static REQUESTS: AtomicU64 = AtomicU64::new(1);
    let number = REQUESTS.fetch_add(1, Ordering::Relaxed);
    // In the shape of a UUID, which some clients parse.
    let id = format!("00000000-0000-1000-8000-{:012x}", number & 0xffff_ffff_ffff);
    let headers = response.headers_mut();
    for name in ["Request-Id", "X-Request-Id"] {
        if let Ok(id) = HeaderValue::from_str(&id) {
            headers.insert(name, id);
        }
    }
    headers.insert("X-Influxdb-Version", HeaderValue::from_static(VERSION));
    headers.insert("X-Influxdb-Build", HeaderValue::from_static("gridnode"));
    response
}
