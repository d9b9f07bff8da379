//! Datagrams to the service manager. Sent without waiting: a service manager that does not read must not hold up the
//! agent's loop, which is why the library gives the words and not the sending.

use sd_notify::NotifyState;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::Path;

/// A longer status line is cut; it is for one line of `systemctl status`, bytes.
const STATUS_BYTES_MAX: usize = 500;

/// The way to the service manager, where there is one.
#[derive(Debug)]
pub struct Notifier {
    socket: Option<UnixDatagram>,
}

impl Notifier {
    /// Nobody to tell.
    pub const NONE: Self = Self { socket: None };

    /// As `NOTIFY_SOCKET` says.
    #[must_use]
    pub fn from_env() -> Self {
        let Some(address) = std::env::var_os("NOTIFY_SOCKET") else { return Self::NONE };
        Self::connect(Path::new(&address)).unwrap_or_else(|error| {
            tracing::warn!(%error, ?address, "the service manager cannot be told anything");
            Self::NONE
        })
    }

    /// To a socket in the file system, or to an abstract one where the path begins with `@`.
    ///
    /// # Errors
    /// When nobody is there.
    pub fn connect(path: &Path) -> io::Result<Self> {
        let address = match path.as_os_str().as_bytes() {
            [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
            _ => SocketAddr::from_pathname(path)?,
        };
        let socket = UnixDatagram::unbound()?;
        socket.connect_addr(&address)?;
        socket.set_nonblocking(true)?;
        Ok(Self { socket: Some(socket) })
    }

    /// The agent takes commands from now on; `status` is one line for a person.
    pub fn ready(&self, status: &str) {
        self.say(&[NotifyState::Ready, NotifyState::Status(&line(status))]);
    }

    /// The agent ends.
    pub fn stopping(&self, status: &str) {
        self.say(&[NotifyState::Stopping, NotifyState::Status(&line(status))]);
    }

    /// One line for a person.
    pub fn status(&self, status: &str) {
        self.say(&[NotifyState::Status(&line(status))]);
    }

    pub(super) fn say(&self, states: &[NotifyState]) {
        let Some(socket) = &self.socket else { return };
        let text: String = states.iter().map(|state| format!("{state}\n")).collect();
        if let Err(error) = socket.send(text.as_bytes()) {
            tracing::warn!(%error, "failed to tell the service manager");
        }
    }
}

/// A line feed in it would start another statement.
fn line(status: &str) -> String {
    let mut end = status.len().min(STATUS_BYTES_MAX);
    while !status.is_char_boundary(end) {
        end -= 1;
    }
    status[..end].replace(char::is_control, " ")
}
