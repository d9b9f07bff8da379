//! A post whose answer may come before its body was read. Who answers so closes the connection with the body unread, and the
//! kernel makes that a reset: a client that is busy sending meets the reset first and never looks for the answer.

use reqwest::header::CONTENT_LENGTH;
use reqwest::{Body, RequestBuilder, Response};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio_util::io::ReaderStream;

/// What the Drain has to say no to the head: a round trip to anywhere, and some to spare.
const HEAD_START: Duration = Duration::from_secs(1);
/// Sent at once afterwards.
const CHUNK_BYTES: usize = 64 << 10;
/// To look for an answer between two chunks. 1 MiB, the largest batch, takes 16 of them.
const PAUSE: Duration = Duration::from_millis(5);

/// The head, and some time later the body in pieces: an answer that comes meanwhile is heard, and ends it.
pub(super) async fn send(request: RequestBuilder, body: Vec<u8>) -> reqwest::Result<Response> {
    let (mut into, from) = tokio::io::duplex(CHUNK_BYTES);
    let stream = ReaderStream::with_capacity(from, CHUNK_BYTES);
    // Said, for a stream has no length of its own: not every Drain takes chunks.
    let request = request.header(CONTENT_LENGTH, body.len()).body(Body::wrap_stream(stream));
    let feed = async move {
        tokio::time::sleep(HEAD_START).await;
        for chunk in body.chunks(CHUNK_BYTES) {
            if into.write_all(chunk).await.is_err() {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    let sent = request.send();
    tokio::pin!(sent);
    tokio::select! {
        answer = &mut sent => answer,
        () = feed => sent.await,
    }
}
