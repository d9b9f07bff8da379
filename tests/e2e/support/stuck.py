"""A file system that hangs: FUSE without a library, mounted over a directory, whose server says hello and then nothing any more.

What was opened before goes on; whoever names a path below the directory waits until it is let go, but can be killed meanwhile.
"""

import ctypes
import os
import pathlib
import struct
import tempfile

import pytest

MS_NOSUID, MS_NODEV, MS_BIND, MNT_DETACH = 2, 4, 4_096, 2
LIBC = ctypes.CDLL(None, use_errno=True)
REQUEST, ANSWER = struct.Struct("<IIQQIIIHH"), struct.Struct("<IiQ")
INIT, INIT_ANSWER = 26, struct.Struct("<IIIIHHIIHHI28x")
MAJOR, MINOR, MAX_WRITE = 7, 31, 131_072
# As every library does: without it the kernel lets in one after the other.
PARALLEL_DIROPS = 1 << 18


class Stuck:
    """Hangs within the `with` block; what lies below the directory is back afterwards."""

    def __init__(self, directory):
        self._directory = pathlib.Path(directory)
        self._is_mounted = False

    def __enter__(self):
        try:
            self._device = os.open("/dev/fuse", os.O_RDWR)
        except OSError as error:
            pytest.skip(f"there is no FUSE here: {error}")
        # All users, so that it hangs for those who are not root, too.
        options = f"fd={self._device},rootmode=40000,user_id=0,group_id=0,allow_other"
        # Elsewhere until it has said hello: who comes before that waits in another way.
        aside, target = os.fsencode(tempfile.mkdtemp()), os.fsencode(self._directory)
        if LIBC.mount(b"stuck", aside, b"fuse.stuck", MS_NOSUID | MS_NODEV, options.encode()) != 0:
            error = os.strerror(ctypes.get_errno())
            os.close(self._device)
            pytest.skip(f"cannot mount: {error}")
        try:
            self._hello()
            assert LIBC.mount(aside, target, None, MS_BIND, None) == 0, os.strerror(ctypes.get_errno())
        finally:
            LIBC.umount2(aside, MNT_DETACH)
            os.rmdir(aside)
        self._is_mounted = True
        return self

    def __exit__(self, *_):
        self.let_go()

    def let_go(self):
        """Those who wait get an error; those who come now find what was there before."""
        if self._is_mounted:
            self._is_mounted = False
            LIBC.umount2(os.fsencode(self._directory), MNT_DETACH)
            os.close(self._device)

    def _hello(self):
        request = os.read(self._device, MAX_WRITE + 4096)
        _, opcode, unique, *_ = REQUEST.unpack_from(request)
        assert opcode == INIT, opcode
        body = INIT_ANSWER.pack(MAJOR, MINOR, 0, PARALLEL_DIROPS, 16, 12, MAX_WRITE, 1, 0, 0, 0)
        os.write(self._device, ANSWER.pack(ANSWER.size + len(body), 0, unique) + body)
