"""A terminal for gridnode: a pty of its own session, what appears on it, keys, sizes, and its end."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

ENTER, LEAVE = "\x1b[?1049h", "\x1b[?1049l"
CONTROL = re.compile(r"\x1b\[([?0-9;]*)([A-Za-z])|\x1b.")


def screen_of(text, columns=400, rows=150):
    """What a terminal shows after `text`: only cells that have changed are printed, so the text itself has no whole words."""
    cells, row, column, at = {}, 0, 0, 0
    while at < len(text):
        control = CONTROL.match(text, at)
        if control is None:
            if text[at] == "\r":
                column = 0
            elif text[at] == "\n":
                row += 1
            else:
                cells[row, column], column = text[at], column + 1
            at += 1
            continue
        at, (numbers, what) = control.end(), control.groups()
        if what == "H":
            row, column = [int(number or 1) - 1 for number in (numbers or "1;1").split(";")]
        elif what == "J" and numbers == "2":
            cells = {}
    return "\n".join("".join(cells.get((row, column), " ") for column in range(columns)).rstrip() for row in range(rows)).rstrip()


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

        environment = gridnode.environment(**{"TERM": "xterm-256color", "NO_COLOR": None, **(env or {})})
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
        """Waits until `what(screen)` holds, or of all that came where there is no view."""
        end = time.monotonic() + seconds
        while not what(self.screen):
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
    def screen(self):
        """What the view shows now; nothing before and after it."""
        _, is_there, shown = self.text.rpartition(ENTER)
        return screen_of(shown) if is_there and LEAVE not in shown else ""

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
