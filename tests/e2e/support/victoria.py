"""A real VictoriaMetrics on a free loopback port, with everything it writes in the test's directory."""

import json
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

from support import ports
from support.wait import until


class Victoria:
    """Starts with the `with` block and stops with it."""

    def __init__(self, binary, directory):
        self.binary, self.directory, self.port = binary, directory, ports.free_tcp()
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        self.directory.mkdir()
        with open(self.directory / "log", "ab") as log:
            self._process = subprocess.Popen(
                [self.binary, f"-storageDataPath={self.directory}/data", f"-httpListenAddr=127.0.0.1:{self.port}", "-memory.allowedBytes=64MB"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        until("VictoriaMetrics answers", self._ready, 60)
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(30)

    def values(self, metric):
        """All values of all series of a metric, each with its labels and its time in ms."""
        # What was written lately is in no answer before.
        self._get("/internal/force_flush")
        found = []
        # A point's place in its window may be a moment ahead.
        query = urllib.parse.urlencode({"match[]": metric, "end": int(time.time()) + 60})
        for line in self._get(f"/api/v1/export?{query}").splitlines():
            series = json.loads(line)
            found += [(series["metric"], *pair) for pair in zip(series["timestamps"], series["values"])]
        return found

    def _get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=30) as answer:
            return answer.read().decode()

    def _ready(self):
        assert self._process.poll() is None, (self.directory / "log").read_text()[-4000:]
        try:
            return self._get("/health") == "OK"
        except (urllib.error.URLError, OSError):
            return False
