//! `POST /write`: good lines are kept, bad ones named.

use super::body::{self, Refusal};
use super::{Shared, State as Merged, reply};
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use gridnode_core::merge::MergeError;
use std::io::Write;
use std::sync::Arc;

/// Bad lines named in one answer; the rest is counted.
const NAMED_LINES_MAX: usize = 5;
/// What is shown of a bad line.
const SHOWN_BYTES_MAX: usize = 80;

pub(super) async fn write(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let lines = match check_query(query.as_deref().unwrap_or_default()) {
        Ok(()) => body::read(&headers, body, &shared.options).await,
        Err(refusal) => Err(refusal),
    };
    let lines = match lines {
        Ok(lines) => lines,
        Err((status, message)) => {
            shared.lock().counts.writes += 1;
            return reply::error(status, &message);
        }
    };
    let stored = tokio::task::spawn_blocking(move || store(&mut shared.lock(), &lines)).await;
    match stored {
        Ok(Ok(())) => reply::stored(),
        Ok(Err((status, message))) => reply::error(status, &message),
        Err(_) => reply::error(StatusCode::INTERNAL_SERVER_ERROR, "the write broke off"),
    }
}

fn check_query(query: &str) -> Result<(), Refusal> {
    let value = |name: &str| {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.filter(|(key, _)| *key == name).map(|(_, value)| value).next()
    };
    if value("db").unwrap_or_default().is_empty() {
        return Err((StatusCode::BAD_REQUEST, "database is required: write to /write?db=NAME".to_owned()));
    }
    match value("precision").unwrap_or("ns") {
        "ns" | "n" => Ok(()),
        other => Err((
            StatusCode::BAD_REQUEST,
            format!("precision `{other}`: this Drain takes nanoseconds only (precision=ns)"),
        )),
    }
}

fn store(state: &mut Merged, lines: &[u8]) -> Result<(), Refusal> {
    let mut good = 0_usize;
    let mut bad = Vec::new();
    let mut bad_count = 0_usize;
    let mut kept = Vec::new();
    for (index, line) in lines.split(|&b| b == b'\n').enumerate() {
        match state.merge.add_line(line) {
            Ok(()) if line.trim_ascii().is_empty() => {}
            Ok(()) => {
                good += 1;
                if state.record.is_some() {
                    kept.extend_from_slice(line.trim_ascii());
                    kept.push(b'\n');
                }
            }
            Err(error) => {
                bad_count += 1;
                if bad.len() < NAMED_LINES_MAX {
                    bad.push(describe(index + 1, line, &error));
                }
            }
        }
    }
    state.counts.writes += 1;
    state.counts.refused_lines += bad_count as u64;
    if let Some(record) = &mut state.record {
        let before = record.metadata().map(|found| found.len());
        record.write_all(&kept).map_err(|e| {
            // No half of a line stays.
            if let Ok(bytes) = before {
                let _ = record.set_len(bytes);
            }
            tracing::error!("failed to record the lines of a write: {e}; it is refused, and whoever sent it may come again");
            // As if the disk of a database were full: the client keeps the batch and comes again.
            (StatusCode::INTERNAL_SERVER_ERROR, format!("failed to record the lines: {e}"))
        })?;
    }
    if bad_count == 0 {
        state.counts.stored += 1;
        return Ok(());
    }
    let named = bad.join("; ");
    let more =
        if bad_count > bad.len() { format!("; and {} more", bad_count - bad.len()) } else { String::new() };
    Err((
        StatusCode::BAD_REQUEST,
        if good == 0 {
            format!("{named}{more}")
        } else {
            format!("partial write: {named}{more} dropped={bad_count}")
        },
    ))
}

/// `unable to parse '…': line 3, column 8: …`
fn describe(number: usize, line: &[u8], error: &MergeError) -> String {
    let shown = String::from_utf8_lossy(&line[..line.len().min(SHOWN_BYTES_MAX)]).into_owned();
    let dots = if line.len() > SHOWN_BYTES_MAX { "…" } else { "" };
    match error {
        MergeError::Line(e) => {
            format!("unable to parse '{shown}{dots}': line {number}, column {}: {}", e.at + 1, e.what)
        }
        other => format!("unable to parse '{shown}{dots}': line {number}: {other}"),
    }
}
