"""A real InfluxDB 1.x on free loopback ports, with everything it writes in the test's directory."""

import json
import os
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from support import ports
from support.wait import until

CONFIG = """
reporting-disabled = true
bind-address = "127.0.0.1:{rpc}"
[meta]
  dir = "{directory}/meta"
[data]
  dir = "{directory}/data"
  wal-dir = "{directory}/wal"
  query-log-enabled = false
  index-version = "tsi1"
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:{http}"
  log-enabled = false
"""


class Influx:
    """Starts with the `with` block and stops with it; the database `gridnode` is there."""

    def __init__(self, binary, directory, database="gridnode", port=None):
        self.binary, self.directory, self.database = binary, directory, database
        self.port = port or ports.free_tcp()

    def __enter__(self):
        self.directory.mkdir()
        self._config = self.directory / "influxdb.conf"
        self._config.write_text(CONFIG.format(directory=self.directory, rpc=ports.free_tcp(), http=self.port))
        self.start()
        self.query(f'CREATE DATABASE "{self.database}"', method="POST")
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(30)

    def start(self):
        with open(self.directory / "log", "ab") as log:
            self._process = subprocess.Popen(
                [self.binary, "-config", str(self._config)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={"PATH": os.environ["PATH"], "HOME": str(self.directory)},
            )
        until("InfluxDB answers", self._ready, 60)

    def kill(self):
        """kill -9; `start` brings it back with what it had stored."""
        self._process.kill()
        self._process.wait(30)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/?db={self.database}"

    def query(self, text, method="GET"):
        """Series of the first statement: dicts with `tags`, `columns`, `values`."""
        query = urllib.parse.urlencode({"q": text, "db": self.database, "epoch": "ns"})
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/query?{query}", method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            result = json.load(answer)["results"][0]
        assert "error" not in result, result
        return result.get("series", [])

    def write(self, lines):
        """Points by hand."""
        url = f"http://127.0.0.1:{self.port}/write?db={self.database}"
        with urllib.request.urlopen(urllib.request.Request(url, lines.encode(), method="POST"), timeout=60) as answer:
            assert answer.status == 204, answer.status

    def rows(self, text):
        """Rows of all series, a dict each with the series' tags among the columns."""
        return [
            dict(zip(series["columns"], values)) | series.get("tags", {})
            for series in self.query(text)
            for values in series["values"]
        ]

    def one(self, text):
        (row,) = self.rows(text)
        return row

    def _ready(self):
        assert self._process.poll() is None, (self.directory / "log").read_text()[-4000:]
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ping", timeout=5).close()
            return True
        except (urllib.error.URLError, OSError):
            return False
