"""A terminal for gridnode: a pty of its own session, what appears on it, keys, sizes, and its end."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time

ENTER, LEAVE = "\x1b[?1049h", "\x1b[?1049l"


class Terminal:
    """gridnode on a pty, which is its standard input, output and error."""

    def __init__(self, gridnode, *args, columns=100, rows=30, env=None):
        self.main, side = pty.openpty()
        self.resize(columns, rows)
        self.before = termios.tcgetattr(side)
        self.text = ""

        def own():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        environment = gridnode.environment(TERM="xterm-256color", NO_COLOR=None, **(env or {}))
        command = [str(gridnode.binary), *map(str, args)]
        self.child = subprocess.Popen(
            command, cwd=gridnode.directory, env=environment, stdin=side, stdout=side, stderr=side, preexec_fn=own
        )
        self._side = side

    def resize(self, columns, rows):
        fcntl.ioctl(self.main, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def press(self, keys):
        os.write(self.main, keys.encode())

    def read(self, seconds=0.2):
        """Takes in what has appeared until nothing comes for so long."""
        while select.select([self.main], [], [], seconds)[0]:
            try:
                data = os.read(self.main, 65_536)
            except OSError:
                return
            if not data:
                return
            self.text += data.decode(errors="replace")

    def shows(self, what, seconds=90):
        """Waits until `what(text)` holds."""
        end = time.monotonic() + seconds
        while not what(self.text):
            assert time.monotonic() < end and self.child.poll() is None, self
            self.read()

    def wait(self, seconds=60):
        """Reads to the end, for who is not read from does not end; gives the exit code."""
        end = time.monotonic() + seconds
        while self.child.poll() is None:
            assert time.monotonic() < end, self
            self.read()
        self.read()
        return self.child.returncode

    @property
    def normal(self):
        """What is on the normal screen after the view."""
        return self.text.rpartition(LEAVE)[2]

    def is_as_before(self):
        return termios.tcgetattr(self._side) == self.before

    def hang_up(self):
        os.close(self._side)
        os.close(self.main)

    def close(self):
        if self.child.poll() is None:
            self.child.kill()
            self.child.wait()
        for descriptor in (self._side, self.main):
            try:
                os.close(descriptor)
            except OSError:
                pass

    def __str__(self):
        return f"exit code {self.child.poll()}\n{self.text!r}"
