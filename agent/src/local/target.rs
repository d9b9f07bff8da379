//! The small web site that `demo` puts load on: fast pages, slow ones with a long tail, some that fail.
//!
//! It listens on loopback only, on a port the kernel chooses. The n-th answer of a page is the same in every process:
//! delays and failures come from the page's request counter and a constant seed, so two demos differ in load only.
//!
//! | path | answer |
//! |---|---|
//! | `GET /` | 200, some 2 KiB, at once |
//! | `GET /slow` | 200 after 40–80 ms, in 8 of 100 cases after 200–900 ms |
//! | `GET /flaky` | 200, in 5 of 100 cases 500 |
//! | `POST /login` | 302 to `/` |
//! | `GET /healthz` | 200 |
//!
//! Limits: 1,024 connections, further ones wait to be accepted; request bodies up to 64 KiB.

mod connections;
mod dice;

use connections::Limited;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Connections open at a time. Enough for a demo; below the usual limit of 1,024 open files the kernel's answer
/// would come first, and axum sits that out as well.
const CONNECTIONS_MAX: usize = 1_024;
/// No demo form is larger, bytes.
const BODY_BYTES_MAX: usize = 64 << 10;
/// The slowest page takes 900 ms: after this a request is stuck and gets cut off.
const SHUTDOWN_MS: u64 = 2_000;

/// The running site. Dropped without [`Target::shutdown`], it stops accepting and ends when its runtime does.
#[derive(Debug)]
pub struct Target {
    /// Where it listens.
    pub addr: SocketAddr,
    stop: oneshot::Sender<()>,
    server: JoinHandle<io::Result<()>>,
}

impl Target {
    /// Starts it on a free port of 127.0.0.1, within the current tokio runtime.
    ///
    /// # Errors
    /// When the machine gives out no port.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let addr = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let server =
            axum::serve(Limited::new(listener, CONNECTIONS_MAX), site()).with_graceful_shutdown(async {
                // A dropped sender is as good as a stop.
                let _ = stopped.await;
            });
        Ok(Self { addr, stop, server: tokio::spawn(server.into_future()) })
    }

    /// Lets open requests finish, up to 2 s, and is gone afterwards.
    pub async fn shutdown(self) {
        let Self { stop, mut server, .. } = self;
        // An error means that it has ended already.
        let _ = stop.send(());
        if tokio::time::timeout(Duration::from_millis(SHUTDOWN_MS), &mut server).await.is_err() {
            server.abort();
        }
    }
}

/// How often each page was asked for whose answers vary.
#[derive(Debug, Default)]
struct Counters {
    slow: AtomicU64,
    flaky: AtomicU64,
}

fn site() -> Router {
    Router::new()
        .route("/", get(async || Html(front_page())))
        .route("/slow", get(slow))
        .route("/flaky", get(flaky))
        .route("/login", post(login))
        .route("/healthz", get(async || "ok\n"))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(Arc::new(Counters::default()))
}

async fn slow(State(counters): State<Arc<Counters>>) -> impl IntoResponse {
    let nth = counters.slow.fetch_add(1, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_millis(dice::slow_ms(nth))).await;
    Html("<html><body><h1>Search results</h1></body></html>\n")
}

async fn flaky(State(counters): State<Arc<Counters>>) -> impl IntoResponse {
    let nth = counters.flaky.fetch_add(1, Ordering::Relaxed);
    if dice::flaky_fails(nth) {
        (StatusCode::INTERNAL_SERVER_ERROR, "the stock service did not answer\n")
    } else {
        (StatusCode::OK, "in stock\n")
    }
}

/// The body is taken in whole, so that the connection can be used again.
async fn login(_form: Bytes) -> impl IntoResponse {
    (StatusCode::FOUND, [(header::LOCATION, "/")])
}

/// Some 2 KiB, about what a small page without its images weighs.
fn front_page() -> String {
    let items: String =
        (1..=40).map(|n| format!("<li><a href=\"/item/{n}\">Item number {n}</a></li>\n")).collect();
    format!(
        "<html><head><title>Demo shop</title></head><body><h1>Welcome</h1><ul>\n{items}</ul></body></html>\n"
    )
}

#[cfg(test)]
mod tests;
