//! A port of this machine that no run may connect to, for a run's supervisor to try: whether the rules of the network are loaded
//! shows in what they refuse, and the metadata service alone does not show it (systemd may keep a run from that, too).

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::ops::RangeInclusive;
use std::sync::OnceLock;

/// `gridnode.nft` refuses connections to ports below 10240 at once; the highest of them are nobody's.
const PORTS: RangeInclusive<u16> = 9_000..=10_239;

static LISTENER: OnceLock<Option<TcpListener>> = OnceLock::new();

/// Where this process listens for nobody, as long as it lives; `None` where all those ports are taken.
pub fn address() -> Option<SocketAddr> {
    let bind = || PORTS.rev().find_map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok());
    LISTENER.get_or_init(bind).as_ref()?.local_addr().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_not_kept_from_it_can_connect() {
        let address = address().unwrap();
        assert!(PORTS.contains(&address.port()) && address.ip().is_loopback());
        assert!(std::net::TcpStream::connect(address).is_ok());
        assert_eq!(super::address(), Some(address), "one a process");
    }
}
