"""Senders of datagrams: our plug-ins' sample dialect, and the dialect of Flood's published clients."""

import socket
import time
import urllib.parse


class Sender:
    """Sends to a sump on loopback; `pace_s` between datagrams keeps small receive buffers from overflowing."""

    def __init__(self, port, pace_s=0.0):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.connect(("127.0.0.1", port))
        self._pace_s = pace_s

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def send(self, *lines):
        """One datagram."""
        self._socket.send("\n".join(lines).encode() if isinstance(lines[0], str) else b"\n".join(lines))
        if self._pace_s:
            time.sleep(self._pace_s)


class Source:
    """A plug-in's side of the ledger."""

    def __init__(self, sender, name="jvm-1", flood="7"):
        self.sender, self.name, self.flood = sender, name, flood
        self.seq = self.samples = 0

    def send(self, *samples):
        """One datagram with these sample lines and its ledger line."""
        self.seq += 1
        self.samples += len(samples)
        self.sender.send(*samples, self.mark())

    def close(self):
        """The last word, three times over."""
        self.seq += 1
        for _ in range(3):
            self.sender.send(self.mark(last=True))

    def mark(self, last=False, seq=None, samples=None):
        seq, samples = seq or self.seq, self.samples if samples is None else samples
        end = ",final=t" if last else ""
        return f"ledger,flood={self.flood},source={self.name} seq={seq}i,samples={samples}i,truncated=0i{end}"

    def sample(self, label, rt_ms, ok=True, code="200", at_ns=None, extra=""):
        at_ns = time.time_ns() if at_ns is None else at_ns
        return (
            f"sample,flood={self.flood},label={urllib.parse.quote_plus(label)} "
            f'rt={rt_ms},ok={"t" if ok else "f"},code="{code}"{extra} {at_ns}'
        )


IDENTITY = "account=1,flood=7,region=us-east-1,grid=9,node=3,project=5"


def flood_sump(label, rt_ms, latency_ms, passed, code="200", concurrency=3, identity=IDENTITY):
    """The seven lines, a datagram each, that the public FloodSump Java class sends for one transaction."""
    tags = f"{identity},label={urllib.parse.quote_plus(label)}"
    values = [
        ("response_time", rt_ms),
        ("latency", latency_ms),
        ("passed", int(passed)),
        ("failed", int(not passed)),
        ("transaction_rate", 1),
        ("concurrency", concurrency),
    ]
    return [f'{name},{tags} value={value},response_code="{code}"' for name, value in values]


def flood_element(label, rt_ms, latency_ms, passed, rx_bytes, code="200"):
    """What Flood Element's reporter sends: its own order of tags, labels by encodeURIComponent, fields sorted."""
    quoted = urllib.parse.quote(label, safe="!'()*~")
    tags = f"account=1,flood=7,project=5,grid=9,node=3,region=us-east-1,label={quoted}"
    values = [
        ("throughput", rx_bytes),
        ("response_time", rt_ms),
        ("latency", latency_ms),
        ("transaction_rate", 1),
        ("passed", int(passed)),
        ("failed", int(not passed)),
    ]
    return [f'{name},{tags} response_code="{code}",value={value}' for name, value in values]
