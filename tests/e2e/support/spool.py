"""What a `gridnode collect` has on its way out, and the disk that it lies on."""

import contextlib
import glob
import json
import os
import subprocess
import time

import pytest

from support import sump
from support.wait import until


def send(port, count, flood="7", label="a"):
    with sump.Sender(port) as sender:
        for n in range(count):
            now = time.time_ns()
            sender.send(f"sample,flood={flood},label={label} rt=1,ok=t {now}\n".encode())


def counters(collect):
    with open(collect.state_dir / "counters.json") as file:
        return json.load(file)["runs"]


def spooled(collect):
    return sorted(glob.glob(str(collect.state_dir / "spool/*/*.gz")))


def durable(collect, samples):
    def all_there():
        return sum(int(os.path.basename(file).split("-")[3]) for file in spooled(collect)) >= samples

    until("all is durable", all_there, 30)


@contextlib.contextmanager
def mounted(mount, size):
    if os.geteuid() != 0:
        pytest.skip("only root can mount")
    mount.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", mount], check=True)
    try:
        yield mount
    finally:
        subprocess.run(["umount", "-l", mount], check=True)
