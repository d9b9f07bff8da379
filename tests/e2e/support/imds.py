"""A stand-in for the EC2 instance metadata service: AWS's own ec2-metadata-mock, on a free loopback port."""

import json
import os
import pathlib
import subprocess
import urllib.error
import urllib.request

from support import ports
from support.wait import until


class Imds:
    """Runs within the `with` block: an instance with a tag `grid`. `spot_after_s`: a spot interruption is announced
    then; `asg_after_s`: the auto-scaling group announces a termination then."""

    def __init__(self, binary, directory, node, grid, region, spot_after_s=None, asg_after_s=None, port=None, host="127.0.0.1"):
        self.binary, self.directory = str(binary), pathlib.Path(directory)
        self.node, self.grid, self.region = node, grid, region
        self.port, self.host = port or ports.free_tcp(), host
        # `events`, the third subcommand, mocks no end of the instance.
        self._mocked = ["events"]
        if spot_after_s is not None:
            self._mocked = ["spot", "--mock-delay-sec", str(spot_after_s)]
        elif asg_after_s is not None:
            self._mocked = ["asglifecycle", "--asg-termination-delay-sec", str(asg_after_s)]

    def __enter__(self):
        self.directory.mkdir()
        config = self.directory / "config.json"
        config.write_text(json.dumps(self._config()))
        command = [self.binary, *self._mocked, "-n", self.host, "-p", str(self.port), "-I", "-c", str(config)]
        with open(self.directory / "log", "wb") as log:
            self._process = subprocess.Popen(
                command,
                cwd=self.directory,
                env={"PATH": os.environ["PATH"], "HOME": str(self.directory)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        until("the metadata service answers", self.token, 30)
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self._process.kill()
        self._process.wait()

    @property
    def url(self):
        return f"http://{self.host}:{self.port}"

    def token(self):
        assert self._process.poll() is None, (self.directory / "log").read_text()[-4000:]
        request = urllib.request.Request(
            f"{self.url}/latest/api/token", method="PUT", headers={"X-aws-ec2-metadata-token-ttl-seconds": "60"}
        )
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.read().decode()
        except OSError:
            return None

    def get(self, path):
        """Or None where there is no such thing."""
        request = urllib.request.Request(f"{self.url}/latest/{path}", headers={"X-aws-ec2-metadata-token": self.token()})
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError:
            return None

    def _config(self):
        values = {"instance-id": self.node, "placement-region": self.region, "tags-instance-test": self.grid}
        # It has two tags, `Name` and `Test`; the second gets our name.
        paths = {"tags-instance-test": "/latest/meta-data/tags/instance/grid"}
        return {"metadata": {"values": values, "paths": paths}}
