//! Whether a run is where it belongs: tried as its own user, before each of its processes is started.

use super::refusal::{Refusal, clip};
use super::spec::OutOfReach;
use std::fs::File;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

/// A node's rules reject at once; where nothing answers at all, nothing can be had either.
const CONNECT_WAIT: Duration = Duration::from_millis(300);

/// # Errors
/// [`Refusal::Reach`] names the first thing that can be reached and must not be.
pub(super) fn check(forbidden: &OutOfReach) -> Result<(), Refusal> {
    let reached = |what: String| Err(Refusal::Reach { what: clip(&what) });
    let uid = nix::unistd::Uid::effective();
    if uid.as_raw() == forbidden.uid || uid.is_root() {
        return reached(format!("the agent's own rights (it runs as user {uid})"));
    }
    if let Some(path) = forbidden.paths.iter().find(|path| is_readable(path)) {
        return reached(path.display().to_string());
    }
    // All at a time: each may take its time.
    let tries: Vec<_> = forbidden
        .addresses
        .iter()
        .map(|address| {
            let address = *address;
            (address, std::thread::spawn(move || is_connected(address)))
        })
        .collect();
    for (address, connected) in tries {
        if connected.join().unwrap_or(true) {
            return reached(match address.ip().is_loopback() {
                true => format!(
                    "{address}, for the rules of the network are not there (systemctl reload gridnode-nft)"
                ),
                false => address.to_string(),
            });
        }
    }
    Ok(())
}

fn is_connected(address: SocketAddr) -> bool {
    TcpStream::connect_timeout(&address, CONNECT_WAIT).is_ok()
}

/// Opened, not asked for: rights are more than what `access` knows of. A link that leads nowhere here is none.
fn is_readable(path: &Path) -> bool {
    match File::open(path) {
        Ok(_) => true,
        Err(error) => !matches!(
            error.kind(),
            ErrorKind::NotFound | ErrorKind::PermissionDenied | ErrorKind::NotADirectory
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    fn other_than_us() -> OutOfReach {
        OutOfReach { uid: 12_345, ..OutOfReach::default() }
    }

    #[test]
    fn the_agents_own_user_is_no_place_for_a_run() {
        let own = nix::unistd::Uid::effective().as_raw();
        let refused = check(&OutOfReach { uid: own, ..OutOfReach::default() }).unwrap_err();
        assert!(refused.to_string().contains("the agent's own rights"), "{refused}");
    }

    #[test]
    fn what_can_be_read_or_connected_to_is_named() {
        if nix::unistd::Uid::effective().is_root() {
            // Refused before anything is tried; shown end to end, as a user of its own.
            assert!(check(&other_than_us()).is_err());
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let of = |paths: &[&Path], addresses: &[SocketAddr]| OutOfReach {
            paths: paths.iter().map(|path| (*path).to_owned()).collect(),
            addresses: addresses.to_vec(),
            ..other_than_us()
        };
        check(&of(&[&dir.path().join("absent")], &["127.0.0.1:1".parse().unwrap()])).unwrap();
        assert!(
            check(&of(&[dir.path()], &[])).unwrap_err().to_string().contains(dir.path().to_str().unwrap())
        );
        assert!(check(&of(&[], &[address])).unwrap_err().to_string().contains(&address.to_string()));
    }
}
