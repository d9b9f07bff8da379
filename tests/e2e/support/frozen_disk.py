"""A disk of its own, an ext4 on a loop device, that can be frozen: whoever writes to it waits, and cannot even be killed."""

import pathlib
import subprocess

import pytest


class FrozenDisk:
    """Mounted within the `with` block at `path`, and thawed at its end whatever happens. Needs root."""

    def __init__(self, directory, mib=96):
        self.path, self._mib = pathlib.Path(directory), mib
        self._mounted = []

    def __enter__(self):
        image = self.path.with_name(self.path.name + ".img")
        with open(image, "wb") as file:
            file.truncate(self._mib << 20)
        self.path.mkdir()
        subprocess.run(["mkfs.ext4", "-q", str(image)], check=True)
        self._mount(["-o", "loop", str(image)], self.path)
        return self

    def __exit__(self, *_):
        self.thaw()
        for path in reversed(self._mounted):
            subprocess.run(["umount", "-l", str(path)], capture_output=True)

    def apart(self, name):
        """A directory on it that is no part of it: what a tool writes there does not hang."""
        (self.path / name).mkdir(parents=True)
        self._mount(["-t", "tmpfs", "tmpfs"], self.path / name)

    def freeze(self):
        subprocess.run(["fsfreeze", "-f", str(self.path)], check=True)

    def thaw(self):
        """Does nothing where nothing is frozen."""
        subprocess.run(["fsfreeze", "-u", str(self.path)], capture_output=True)

    def _mount(self, what, where):
        mounted = subprocess.run(["mount", *what, str(where)], capture_output=True, text=True)
        if mounted.returncode != 0:
            pytest.skip(f"cannot mount: {mounted.stderr.strip()}")
        self._mounted.append(where)
