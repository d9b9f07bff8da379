"""Who takes part, and how each is set up: as one would who has read its manual, with the receive buffer that it can ask for.

All get the same lines. Peers aggregate the response time by label and nothing else; gridnode does all that it does.
"""

import dataclasses
import json
import os
import typing

from support.duel import arrived, peer


@dataclasses.dataclass
class Contestant:
    name: str
    what: str
    ready: str  # what it says when it listens
    prepare: typing.Callable  # (program, port, sink's URL, window in s, most labels, directory) → command
    decode: typing.Callable = None  # None: it sends nothing, and counts itself
    program: object = None

    def counted(self, ended, bodies):
        if self.decode:
            return self.decode(bodies)
        got = arrived.Arrived()
        got.counts[-1] = json.loads(ended.out)["lines"]
        return got


def _bare(program, port, _url, _window_s, _labels, _directory):
    return [program, f"127.0.0.1:{port}"]


def _gridnode(program, port, url, window_s, labels, directory):
    return [
        program, "collect", "--listen", f"127.0.0.1:{port}", "--drain", url, "--node", "node-1", "--state-dir", directory / "state",
        "--window", f"{window_s}s", "--labels-max", max(labels, 100),
    ]  # fmt: skip


# Delay and grace are gridnode's: what is late by 2 s still counts. The buffer of metrics has room for a window of all labels.
TELEGRAF = """
[agent]
  interval = "1s"
  flush_interval = "1s"
  metric_batch_size = 5000
  metric_buffer_limit = {buffer}
  omit_hostname = true
[[inputs.socket_listener]]
  service_address = "udp://127.0.0.1:{port}"
  read_buffer_size = "64MiB"
  data_format = "influx"
  namepass = ["sample"]
  taginclude = ["label"]
  fieldinclude = ["rt"]
[[aggregators.basicstats]]
  period = "{window_s}s"
  delay = "2s"
  grace = "2s"
  drop_original = true
  stats = ["count", "sum", "min", "max", "mean", "stdev"]
[[aggregators.quantile]]
  period = "{window_s}s"
  delay = "2s"
  grace = "2s"
  drop_original = true
  quantiles = [0.5, 0.75, 0.9, 0.95, 0.99, 0.999]
  algorithm = "t-digest"
[[outputs.http]]
  url = "{url}/write"
  data_format = "influx"
  content_encoding = "gzip"
"""


def _telegraf(program, port, url, window_s, labels, directory):
    config = directory / "telegraf.conf"
    config.write_text(TELEGRAF.format(port=port, url=url, window_s=window_s, buffer=max(100_000, 4 * labels)))
    return [program, "--config", config, "--unprotected"]


# It has no setting for the receive buffer: it gets the kernel's default, as everywhere.
STREAM_AGGREGATION = """
- match: sample_rt
  interval: {window_s}s
  by: [label]
  outputs: [count_samples, sum_samples, min, max, avg, stddev, "quantiles(0.5, 0.75, 0.9, 0.95, 0.99, 0.999)"]
  flush_on_shutdown: true
"""


def _vmagent(program, port, url, window_s, _labels, directory):
    config = directory / "aggregation.yaml"
    config.write_text(STREAM_AGGREGATION.format(window_s=window_s))
    return [
        program, f"-influxListenAddr=127.0.0.1:{port}", "-httpListenAddr=", f"-remoteWrite.url={url}/api/v1/write",
        f"-remoteWrite.tmpDataPath={directory / 'queue'}", f"-remoteWrite.streamAggr.config={config}",
        "-remoteWrite.streamAggr.dropInput", "-remoteWrite.forcePromProto",
    ]  # fmt: skip


CONTESTANTS = [
    Contestant("gridnode", "gridnode collect", "listening", _gridnode, arrived.gridnode),
    Contestant("bare", "recvmmsg, lines counted, nothing else", "listening", _bare),
    Contestant("telegraf", "socket_listener, basicstats, quantile (t-digest), http", "Listening on udp", _telegraf, arrived.telegraf),
    Contestant("vmagent", "InfluxDB lines over UDP, stream aggregation, remote write", "started vmagent", _vmagent, arrived.vmagent),
]


def ours(program):
    """gridnode and the bare loop; `program` gives the path of a name."""
    for contestant in CONTESTANTS[:2]:
        contestant.program = program({"bare": "duel_bare"}.get(contestant.name, contestant.name))
    return CONTESTANTS[:2]


def theirs(names):
    """The peers of these names that can be had, and why the others cannot, by name."""
    there, missing = [], {}
    for contestant in CONTESTANTS[2:]:
        if contestant.name not in names:
            continue
        try:
            contestant.program = peer.program(contestant.name)
            there.append(contestant)
        except (peer.NotThere, OSError) as reason:
            missing[contestant.name] = str(reason)
    return there, missing


def environment():
    """Ours is not to be told anything by the shell's settings."""
    return {key: value for key, value in os.environ.items() if not key.startswith("GRIDNODE_")}
