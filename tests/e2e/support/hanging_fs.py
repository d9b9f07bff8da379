"""A file system that stops answering on demand, as one does whose server is away: everybody who touches it waits.

It passes everything on to a directory, over the kernel's FUSE protocol and without a library. Whoever waits for it can be killed,
unlike on a frozen ext4 (see `support.frozen_disk`). Needs root.
"""

import contextlib
import ctypes
import errno
import os
import pathlib
import select
import stat
import struct
import subprocess
import sys

import pytest

ROOT = 1
WRITE_BYTES_MAX = 128 << 10
IN_HEADER = struct.Struct("<IIQQIIII")
ATTR = struct.Struct("<QQQQQQIIIIIIIIII")


class HangingFs:
    """Mounted within the `with` block at `path`; `hang` and `answer` are done when they return."""

    def __init__(self, directory):
        self.path = pathlib.Path(directory)
        self._backing = self.path.with_name(self.path.name + ".backing")

    def __enter__(self):
        self.path.mkdir()
        self._backing.mkdir()
        command = [sys.executable, __file__, str(self._backing), str(self.path)]
        self._server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        if self._server.stdout.read(1) != b"m":
            self._end()
            pytest.skip("a FUSE file system cannot be mounted here")
        return self

    def __exit__(self, *_):
        self._end()

    def hang(self):
        self._tell(b"h")

    def answer(self):
        self._tell(b"a")

    def _tell(self, word):
        self._server.stdin.write(word)
        assert self._server.stdout.read(1) == word

    def _end(self):
        # With the server everything ends that waits for it.
        self._server.kill()
        self._server.wait()
        subprocess.run(["umount", "-l", str(self.path)], capture_output=True)


class Server:
    """One request at a time. Nodes are paths below the backing directory; what is open is a descriptor."""

    def __init__(self, backing, mountpoint):
        self._paths, self._nodes, self._last = {ROOT: backing}, {backing: ROOT}, ROOT
        self._fuse = os.open("/dev/fuse", os.O_RDWR)
        options = f"fd={self._fuse},rootmode=40000,user_id=0,group_id=0,allow_other,default_permissions"
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.mount(b"hanging", mountpoint.encode(), b"fuse", ctypes.c_ulong(0), options.encode()) != 0:
            raise OSError(ctypes.get_errno(), "mount")

    def serve(self):
        os.write(1, b"m")
        while True:
            ready = select.select([self._fuse, 0], [], [])[0]
            if 0 in ready:
                word = os.read(0, 1)
                if not word:
                    return
                os.write(1, word)
                # Between two requests: nobody's is half done.
                while word == b"h":
                    word = os.read(0, 1)
                    if not word:
                        return
                    os.write(1, word)
            elif not self._one():
                return

    def _one(self):
        try:
            request = os.read(self._fuse, WRITE_BYTES_MAX + (1 << 16))
        except OSError as error:
            return error.errno in (errno.EINTR, errno.EAGAIN, errno.ENOENT)
        _, opcode, unique, node, *_ = IN_HEADER.unpack_from(request)
        act = self.ACTS.get(opcode)
        try:
            answer = act(self, node, request[IN_HEADER.size :]) if act else None
            # FORGET, INTERRUPT and BATCH_FORGET are not answered. What is unknown is not asked for again.
            error = 0 if act else None if opcode in (2, 36, 42) else errno.ENOSYS
        except OSError as failed:
            answer, error = b"", failed.errno
        if error is not None:
            answer = answer or b""
            with contextlib.suppress(OSError):
                os.write(self._fuse, struct.pack("<IiQ", 16 + len(answer), -error, unique) + answer)
        return True

    # Names --------------------------------------------------------------------------------------------------------

    def _child(self, node, name):
        return os.path.join(self._paths[node], os.fsdecode(name))

    def _entry(self, path):
        attr = _attr(os.lstat(path))
        if path not in self._nodes:
            self._last += 1
            self._nodes[path], self._paths[self._last] = self._last, path
        return struct.pack("<QQQQII", self._nodes[path], 0, 0, 0, 0, 0) + attr

    def _gone(self, path):
        self._nodes.pop(path, None)

    def _moved(self, old, new):
        self._gone(new)
        for path, node in list(self._nodes.items()):
            if path == old or path.startswith(old + "/"):
                del self._nodes[path]
                self._nodes[new + path[len(old) :]] = node
                self._paths[node] = new + path[len(old) :]

    # Requests -----------------------------------------------------------------------------------------------------

    def _init(self, _, body):
        major, minor, readahead = struct.unpack_from("<III", body)
        big_writes = 1 << 5
        return struct.pack(
            "<IIIIHHIIHHI7I", major, min(minor, 31), readahead, big_writes, 12, 9, WRITE_BYTES_MAX, 1, 32, 0, 0, *[0] * 7
        )

    def _lookup(self, node, body):
        return self._entry(self._child(node, body[:-1]))

    def _getattr(self, node, body):
        flags, _, handle = struct.unpack_from("<IIQ", body)
        found = os.fstat(handle) if flags & 1 else os.lstat(self._paths[node])
        return struct.pack("<QII", 0, 0, 0) + _attr(found)

    def _setattr(self, node, body):
        valid, _, handle, size, _, atime, mtime, _, atime_ns, mtime_ns, _, mode, _, uid, gid, _ = struct.unpack_from(
            "<IIQQQQQQIIIIIIII", body
        )
        target = handle if valid & 64 else self._paths[node]
        if valid & 1:
            os.chmod(target, stat.S_IMODE(mode))
        if valid & 6:
            os.chown(target, uid if valid & 2 else -1, gid if valid & 4 else -1)
        if valid & 8:
            os.truncate(target, size)
        if valid & 48:
            before = os.stat(target)
            times = (
                atime * 10**9 + atime_ns if valid & 16 else before.st_atime_ns,
                mtime * 10**9 + mtime_ns if valid & 32 else before.st_mtime_ns,
            )
            os.utime(target, ns=times)
        found = os.fstat(handle) if valid & 64 else os.lstat(target)
        return struct.pack("<QII", 0, 0, 0) + _attr(found)

    def _readlink(self, node, _):
        return os.fsencode(os.readlink(self._paths[node]))

    def _symlink(self, node, body):
        name, target = body[:-1].split(b"\0")
        os.symlink(target, self._child(node, name))
        return self._entry(self._child(node, name))

    def _mknod(self, node, body):
        mode, device = struct.unpack_from("<II", body)
        path = self._child(node, body[16:-1])
        os.mknod(path, mode, device)
        return self._entry(path)

    def _mkdir(self, node, body):
        path = self._child(node, body[8:-1])
        os.mkdir(path, struct.unpack_from("<I", body)[0])
        return self._entry(path)

    def _unlink(self, node, body):
        os.unlink(self._child(node, body[:-1]))
        self._gone(self._child(node, body[:-1]))

    def _rmdir(self, node, body):
        os.rmdir(self._child(node, body[:-1]))
        self._gone(self._child(node, body[:-1]))

    def _rename(self, node, body, at=8):
        (to,) = struct.unpack_from("<Q", body)
        old, new = body[at:-1].split(b"\0")
        old, new = self._child(node, old), self._child(to, new)
        if at == 16 and struct.unpack_from("<I", body, 8)[0] & 1 and os.path.lexists(new):
            raise OSError(errno.EEXIST, "exists")
        os.rename(old, new)
        self._moved(old, new)

    def _rename2(self, node, body):
        return self._rename(node, body, at=16)

    def _link(self, node, body):
        path = self._child(node, body[8:-1])
        os.link(self._paths[struct.unpack_from("<Q", body)[0]], path, follow_symlinks=False)
        return self._entry(path)

    def _open(self, node, body):
        flags = struct.unpack_from("<I", body)[0] & ~os.O_NOFOLLOW
        return struct.pack("<QII", os.open(self._paths[node], flags), 0, 0)

    def _create(self, node, body):
        flags, mode = struct.unpack_from("<II", body)
        path = self._child(node, body[16:-1])
        handle = os.open(path, flags | os.O_CREAT, mode)
        return self._entry(path) + struct.pack("<QII", handle, 0, 0)

    def _read(self, _, body):
        handle, offset, size = struct.unpack_from("<QQI", body)
        return os.pread(handle, size, offset)

    def _write(self, _, body):
        handle, offset, size = struct.unpack_from("<QQI", body)
        return struct.pack("<II", os.pwrite(handle, body[40 : 40 + size], offset), 0)

    def _release(self, _, body):
        os.close(struct.unpack_from("<Q", body)[0])

    def _fsync(self, _, body):
        os.fsync(struct.unpack_from("<Q", body)[0])

    def _readdir(self, node, body):
        _, offset, size = struct.unpack_from("<QQI", body)
        answer = b""
        for number, entry in enumerate(sorted(os.scandir(self._paths[node]), key=lambda entry: entry.name)):
            name = os.fsencode(entry.name)
            kind = stat.S_IFMT(entry.stat(follow_symlinks=False).st_mode) >> 12
            one = struct.pack("<QQII", entry.inode(), number + 1, len(name), kind) + name
            one += bytes(-len(one) % 8)
            if number >= offset and len(answer) + len(one) <= size:
                answer += one
            elif number >= offset:
                break
        return answer

    def _statfs(self, _, __):
        found = os.statvfs(self._paths[ROOT])
        counts = (found.f_blocks, found.f_bfree, found.f_bavail, found.f_files, found.f_ffree)
        return struct.pack("<QQQQQIII7I", *counts, found.f_bsize, found.f_namemax, found.f_frsize, *[0] * 7)

    ACTS = {
        1: _lookup, 3: _getattr, 4: _setattr, 5: _readlink, 6: _symlink, 8: _mknod, 9: _mkdir, 10: _unlink, 11: _rmdir,
        12: _rename, 13: _link, 14: _open, 15: _read, 16: _write, 17: _statfs, 18: _release, 20: _fsync, 26: _init,
        27: _open, 28: _readdir, 29: _release, 30: _fsync, 35: _create, 45: _rename2,
    }  # fmt: skip


def _attr(found):
    ns = (found.st_atime_ns, found.st_mtime_ns, found.st_ctime_ns)
    return ATTR.pack(
        found.st_ino, found.st_size, found.st_blocks, *(at // 10**9 for at in ns), *(at % 10**9 for at in ns),
        found.st_mode, found.st_nlink, found.st_uid, found.st_gid, 0, 4096, 0,
    )  # fmt: skip


if __name__ == "__main__":
    os.umask(0)
    try:
        server = Server(*sys.argv[1:])
    except OSError:
        os.write(1, b"x")
        sys.exit(1)
    server.serve()
