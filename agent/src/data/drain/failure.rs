//! Why no answer came, told apart by the chain of errors below reqwest's.

use gridnode_core::outbound::delivery::TransportKind;
use std::error::Error;
use std::io;

pub(super) fn kind_of(error: &reqwest::Error) -> TransportKind {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(error) = tls(error) {
            return kind_of_tls(error);
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
fn tls<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let inside = || error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    error.downcast_ref().or_else(|| inside().and_then(|inside| tls(inside)))
}

fn kind_of_tls(error: &rustls::Error) -> TransportKind {
    use rustls::CertificateError as Bad;
    match error {
        rustls::Error::InvalidCertificate(bad) => match bad {
            Bad::UnknownIssuer | Bad::BadSignature => TransportKind::TlsIssuer,
            // One that is its own issuer, as tools make it by default.
            Bad::Other(_) if bad.to_string().contains("CaUsedAsEndEntity") => TransportKind::TlsAuthority,
            Bad::NotValidForName | Bad::NotValidForNameContext { .. } => TransportKind::TlsName,
            Bad::Expired | Bad::ExpiredContext { .. } | Bad::NotValidYet | Bad::NotValidYetContext { .. } => {
                TransportKind::TlsTime
            }
            _ => TransportKind::Tls,
        },
        rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType) => TransportKind::TlsNone,
        _ => TransportKind::Tls,
    }
}

fn is_out_of_descriptors(error: &(dyn Error + 'static)) -> bool {
    let code = error.downcast_ref::<io::Error>().and_then(io::Error::raw_os_error);
    matches!(code, Some(libc::EMFILE | libc::ENFILE))
}
