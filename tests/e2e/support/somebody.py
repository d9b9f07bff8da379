"""A user who may nothing: no cgroup of its own, no capability. Tools are root's, as packages would have them."""

import os
import pathlib
import shutil
import subprocess

import pytest

from support.process import Gridnode

# Nobody else's, for limits on processes are counted by user: not another test run's either.
ID = 61_000 + os.getpid() % 3_000
BECOME = ("setpriv", f"--reuid={ID}", f"--regid={ID}", "--clear-groups")


class Somebody(Gridnode):
    """The binary, started by that user; its directory is that user's, too."""

    def __init__(self, gridnode, public_dir, *tools):
        if os.geteuid() != 0:
            pytest.skip("only root can become somebody else")
        theirs = pathlib.Path(public_dir) / "theirs"
        theirs.mkdir()
        shutil.copy(gridnode.binary, public_dir)
        for tool in tools:
            source, here = gridnode.tools_dir / tool, pathlib.Path(public_dir) / "tools" / tool
            shutil.copytree(source, here, symlinks=True, copy_function=_link)
        super().__init__(pathlib.Path(public_dir) / gridnode.binary.name, theirs, gridnode.marker, pathlib.Path(public_dir) / "tools")
        # So that the fixture ends them, whatever happens in the test.
        self.children = gridnode.children
        self.give_away()

    def give_away(self):
        """What the test wrote for that user belongs to it."""
        subprocess.run(["chown", "-R", f"{ID}:{ID}", self.directory], check=True)

    def start(self, *args, env=None, prefix=(), **options):
        self.give_away()
        env = {"PATH": "/usr/bin:/bin", "HOME": str(self.directory)} | (env or {})
        return super().start(*args, env=env, prefix=(*BECOME, *prefix), **options)


def _link(source, target):
    """A tool is some hundred MiB."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def may(program, *args):
    """Whether that user gets something done."""
    return subprocess.run([*BECOME, program, *args], capture_output=True, timeout=30).returncode == 0
