"""A name server that never answers: whoever looks up a name waits for minutes, in a call that nobody can break off."""

import socket

import pytest

# Not where a real one might be.
ADDRESS = "127.77.0.1"
# The longest that the C library has: five times half a minute, for one lookup.
CONF = f"nameserver {ADDRESS}\noptions timeout:30 attempts:5\n"
URL = "http://drain.example.com:8086"


class DeafDns:
    """Within the `with` block, for programs that are started with `prefix`. Needs root and an unused port 53."""

    def __init__(self, directory):
        self._conf = directory / "resolv.conf"

    def __enter__(self):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._socket.bind((ADDRESS, 53))
        except OSError as error:
            self._socket.close()
            pytest.skip(f"cannot listen on port 53: {error}")
        self._conf.write_text(CONF)
        return self

    def __exit__(self, *_):
        self._socket.close()

    @property
    def prefix(self):
        """Its own view of one file; what is started keeps its process id."""
        script = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'
        return ("unshare", "--mount", "sh", "-c", script, str(self._conf))

    def is_asked(self):
        """Whether somebody waits for an answer, or has given up."""
        self._socket.setblocking(False)
        try:
            return bool(self._socket.recv(512, socket.MSG_PEEK))
        except BlockingIOError:
            return False
