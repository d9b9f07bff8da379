//! The body of a write: bounded as it comes and again when it is decompressed.

use super::DrainOptions;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, StatusCode, header};
use flate2::read::MultiGzDecoder;
use std::io::Read;

/// A status and what to say with it.
pub(super) type Refusal = (StatusCode, String);

pub(super) async fn read(
    headers: &HeaderMap,
    body: Body,
    options: &DrainOptions,
) -> Result<Vec<u8>, Refusal> {
    let said: Option<usize> = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
    if said.is_some_and(|bytes| bytes > options.body_bytes_max) {
        return Err(too_large(options.body_bytes_max));
    }
    let body = to_bytes(body, options.body_bytes_max).await.map_err(|_| too_large(options.body_bytes_max))?;
    let encoding = headers.get(header::CONTENT_ENCODING).map_or(b"identity".as_slice(), |v| v.as_bytes());
    match encoding {
        b"gzip" => {
            let max = options.lines_bytes_max;
            let unpacked = tokio::task::spawn_blocking(move || decompress(&body, max)).await;
            unpacked.unwrap_or_else(|_| Err(bad("the gzip decoder gave up")))
        }
        b"identity" | b"" => Ok(body.to_vec()),
        other => {
            let other = String::from_utf8_lossy(other);
            Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, format!("Content-Encoding `{other}`: use gzip or none")))
        }
    }
}

fn decompress(body: &Bytes, bytes_max: usize) -> Result<Vec<u8>, Refusal> {
    let mut lines = Vec::new();
    let mut bounded = MultiGzDecoder::new(&body[..]).take(bytes_max as u64 + 1);
    bounded.read_to_end(&mut lines).map_err(|e| bad(&format!("the body is not whole gzip: {e}")))?;
    if lines.len() > bytes_max { Err(too_large(bytes_max)) } else { Ok(lines) }
}

fn too_large(bytes_max: usize) -> Refusal {
    (StatusCode::PAYLOAD_TOO_LARGE, format!("Request Entity Too Large: more than {bytes_max} bytes"))
}

fn bad(why: &str) -> Refusal {
    (StatusCode::BAD_REQUEST, why.to_owned())
}
