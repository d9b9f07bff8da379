//! UDP: a port for the samples of each run, and a buffer that holds a burst.

use super::Subject;
use super::finding::Finding;
use crate::data::udp::SumpSocket;
use std::net::SocketAddr;

/// Ports that the agent tries from `sump.listen` on.
const PORTS: u16 = 64;

pub(super) fn sump(subject: &Subject) -> Finding {
    const NAME: &str = "sump port";
    let wanted = subject.config.sump.listen;
    match SumpSocket::bind_first_free(wanted, PORTS).map(|socket| socket.local_addr()) {
        Ok(Ok(got)) if got == wanted => Finding::ok(NAME, format!("udp {wanted} is free")),
        Ok(Ok(got)) => Finding::ok(NAME, format!("udp {wanted} is in use; {got} is free")),
        Ok(Err(error)) => Finding::fail(NAME, error.to_string(), "set sump.listen to another address"),
        Err(error) => Finding::fail(NAME, error.to_string(), "set sump.listen to another address"),
    }
}

pub(super) fn receive_buffer(subject: &Subject) -> Finding {
    const NAME: &str = "receive buffer";
    let any_port = SocketAddr::new(subject.config.sump.listen.ip(), 0);
    let socket = match SumpSocket::bind(any_port) {
        Ok(socket) => socket,
        Err(error) => return Finding::fail(NAME, error.to_string(), "set sump.listen to another address"),
    };
    match socket.buffer_warning() {
        Some(warning) => {
            let (problem, remedy) = warning.split_once(". ").unwrap_or((&warning, "raise net.core.rmem_max"));
            Finding::warn(NAME, problem, remedy)
        }
        None => Finding::ok(NAME, format!("{} KiB for datagrams that wait", socket.granted_bytes() >> 10)),
    }
}
