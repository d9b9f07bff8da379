"""SNS, SQS and S3 without AWS: two look-alikes from PyPI, on a free loopback port each, forgotten at their end.

Neither checks credentials. Each is wrong somewhere, so a test picks the one that is right for what it looks at:

    Ministack   fans out to hundreds of queues, publishes past a queue that is gone; wrong in filter policies by body
                and in retention
    Moto        right in attributes, retention and filters; delivers to the first 100 subscriptions of a topic, answers
                500 to parallel Subscribe, and Publish fails when a subscribed queue is gone
"""

import os
import pathlib
import subprocess
import sys
import urllib.error
import urllib.request

from support import ports
from support.wait import until


class LookAlike:
    """Runs within the `with` block."""

    def __init__(self, directory, port=None):
        self.directory = pathlib.Path(directory)
        self.port = port or ports.free_tcp()

    def __enter__(self):
        self.directory.mkdir(exist_ok=True)
        with open(self.directory / "log", "ab") as log:
            self._process = subprocess.Popen(
                self._command(),
                cwd=self.directory,
                env={"PATH": os.environ["PATH"], "HOME": str(self.directory), **self._environment()},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        until(f"{type(self).__name__} answers", self._ready, 60)
        return self

    def __exit__(self, *_):
        # Nothing in it outlives the test, so there is nothing to wait for.
        self._process.kill()
        self._process.wait()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def rss_kib(self):
        lines = pathlib.Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))

    def _ready(self):
        assert self._process.poll() is None, (self.directory / "log").read_text()[-4000:]
        try:
            urllib.request.urlopen(self.url + self.READY, timeout=5).close()
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True


class Ministack(LookAlike):
    READY = "/"

    def _command(self):
        return [_program("ministack")]

    def _environment(self):
        # Everything that would listen on a port of its own or on every address is off.
        return {
            "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(self.port), "SERVICES": "sqs,sns,s3", "LOG_LEVEL": "WARNING",
            "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0", "S3_DATA_DIR": str(self.directory / "s3"),
            "TMPDIR": str(self.directory),
        }  # fmt: skip


class Moto(LookAlike):
    READY = "/moto-api/"

    def _command(self):
        return [_program("moto_server"), "-H", "127.0.0.1", "-p", str(self.port)]

    def _environment(self):
        return {}


def _program(name):
    return str(pathlib.Path(sys.executable).with_name(name))
