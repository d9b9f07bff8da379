//! Why no answer came, told apart by the chain of errors below reqwest's.

use gridnode_core::outbound::delivery::TransportKind;
use std::error::Error;
use std::io;

pub(super) fn kind_of(error: &reqwest::Error) -> TransportKind {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        if is_tls(error) {
            return TransportKind::Tls;
        }
        if is_out_of_descriptors(error) {
            return TransportKind::Descriptors;
        }
        // The resolver's error has no public type.
        if error.to_string().contains("dns error") {
            return TransportKind::Dns;
        }
        next = error.source();
    }
    if error.is_timeout() {
        TransportKind::Timeout
    } else if error.is_connect() {
        TransportKind::Connect
    } else {
        TransportKind::Broken
    }
}

/// The words of the error at the end of the chain; reqwest's own only repeat the URL.
pub(super) fn innermost(error: &reqwest::Error) -> String {
    let mut last: &dyn Error = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}

/// An `io::Error` does not name what it wraps as its source, and the connector wraps twice.
fn is_tls(error: &(dyn Error + 'static)) -> bool {
    let inside = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    error.is::<rustls::Error>() || inside.is_some_and(|e| is_tls(e))
}

fn is_out_of_descriptors(error: &(dyn Error + 'static)) -> bool {
    let code = error.downcast_ref::<io::Error>().and_then(io::Error::raw_os_error);
    matches!(code, Some(libc::EMFILE | libc::ENFILE))
}
