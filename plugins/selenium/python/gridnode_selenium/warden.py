"""`python warden.py PROGRAM ARGUMENT…`: runs a program, and when it has ended, ends whatever it leaves behind.

What a program leaves may have a session of its own and an empty environment, so nothing on it says whose it is. But processes
that lose their parent become children of the nearest subreaper above them: of this one, of which each program has its own.
SIGTERM is passed on. The exit code is the program's, 128 and the signal where a signal has ended it.
"""

import ctypes
import os
import signal
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent))

from gridnode_selenium.processes import kill_below  # noqa: E402 - it is run as a file, without a search path

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def main() -> int:
    """Returns the exit code."""
    prctl = ctypes.CDLL(None).prctl
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGTERM,))
    program = os.fork()
    if not program:
        _become(sys.argv[1:], prctl)
    signal.signal(signal.SIGTERM, lambda *_: os.kill(program, signal.SIGTERM))
    # Of a terminal's group the program has it itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTERM,))
    status = _wait_for(program)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    kill_below(os.getpid())
    return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def _wait_for(program: int) -> int:
    while True:
        # Adopted ones, too, or they would stay as zombies.
        ended, status = os.wait()
        if ended == program:
            return status


def _become(command, prctl) -> None:
    # Without its warden nobody would end it.
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    # Python ignores these, and what is ignored stays so in a new program.
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTERM,))
    try:
        os.execv(command[0], command)
    except OSError as error:
        os.write(2, f"{command[0]} cannot be run: {error}\n".encode())
    os._exit(127)


if __name__ == "__main__":
    os._exit(main())
