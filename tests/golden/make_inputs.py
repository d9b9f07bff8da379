#!/usr/bin/env python3
"""Writes the inputs of the golden runs (agent/core/tests/golden/runs/*.input.json). Deterministic; run it only to add
a case, then let the Rust test write what it expects (GRIDNODE_GOLDEN=write) and check.py judge that."""

import base64
import json
import math
import pathlib

RUNS = pathlib.Path(__file__).resolve().parents[2] / "agent/core/tests/golden/runs"
START_S = 1_700_000_010  # the start of a 15 s window, also of a 1 s one
S = 1_000_000_000


def case(name, about, steps, seconds, *, node="node-1", incarnation=1, period_s=15, labels_max=10_000, identity=None):
    known = {"account": "1", "flood": "7", "project": "5", "grid": "9", "region": "us-east-1", "run": 1}
    steps = [dict(at_ns=START_S * S + int(at * S), **what) for at, what in steps]
    content = {
        "about": about,
        "node": node,
        "incarnation": incarnation,
        "identity": known if identity is None else identity,
        "period_s": period_s,
        "grace_ms": 2000,
        "labels_max": labels_max,
        "opened_ns": START_S * S,
        "steps": steps,
        "closed_ns": START_S * S + int(seconds * S),
    }
    text = json.dumps(content, indent=1, ensure_ascii=True)
    (RUNS / f"{name}.input.json").write_text(text + "\n")


def datagram(*lines):
    return {"datagram": "\n".join(lines) + "\n"}


def raw(data):
    return {"datagram_base64": base64.b64encode(data).decode()}


def ns(at):
    return START_S * S + int(at * S)


TAGS = "account=1,flood=7,region=us-east-1,grid=9,node=3,project=5"


def sample_dialect():
    steps, sent = [], 0
    for seq in range(1, 13):
        lines = []
        for i in range(20):
            n = (seq - 1) * 20 + i
            rt = round(20 + 400 * abs(math.sin(n * 1.7)) ** 3 + (4000 if n % 97 == 0 else 0) + n / 1000, 3)
            ok, code = ("f", "500") if n % 31 == 0 else ("t", "200")
            at = ns(seq - 0.9 + i * 0.04)
            more = f",lat={rt / 3:.4f},conn={n % 4}.25,rx={1000 + n}i,tx={n}i" if n % 3 else ""
            lines.append(f'sample,flood=7,label=GET+%2Fcart rt={rt},ok={ok},code="{code}"{more} {at}')
        lines.append(f'sample,flood=7,label=login rt={100 + seq},ok=t,kind="transaction" {ns(seq - 0.1)}')
        lines.append(f'sample,flood=7,label=login rt={50 + seq},ok=t,code="Non HTTP response code" {ns(seq - 0.1)}')
        lines.append(f"users,flood=7,source=jvm-1 active={seq}i,started={seq}i,finished=0i {ns(seq)}")
        sent += 22
        lines.append(f"ledger,flood=7,source=jvm-1 seq={seq}i,samples={sent}i,truncated=0i")
        steps.append((seq, datagram(*lines)))
    last = datagram(f"ledger,flood=7,source=jvm-1 seq=13i,samples={sent}i,truncated=1i,final=t")
    steps += [(12.5, last), (12.6, last), (12.7, last)]
    case("sample_dialect", "One window of a whole run: requests, a transaction of the same name, users, final.", steps, 13)


def metric_dialect():
    steps = []
    for n in range(40):
        label = ["GET+%2Fcart", "checkout", "search+%C3%BC"][n % 3]
        ok = n % 9 != 4
        at = 0.3 + n * 0.35
        code = f',response_code="{200 if ok else 503}"'
        rt = -1508123456789 if n % 13 == 5 else 35 + n * n
        steps.append((at, datagram(f"response_time,{TAGS},label={label} value={rt}{code}")))
        steps.append((at, datagram(f"latency,{TAGS},label={label} value={n + 0.0005}")))
        if n != 17:  # this one got lost on its way
            steps.append((at, datagram(f"transaction_rate,{TAGS},label={label} value=1{code}")))
        steps.append((at, datagram(f"passed,{TAGS},label={label} value={int(ok)}{code}")))
        steps.append((at, datagram(f"failed,{TAGS},label={label} value={int(not ok)}{code}")))
        steps.append((at, datagram(f"throughput,{TAGS},label={label} value={n * 100}")))
        if n % 5 == 0:
            steps.append((at, datagram(f"concurrency,{TAGS} value={n + 1}")))
    steps.append((15.1, datagram(f"trace,{TAGS},label=checkout value=\"H4sIAAAA\"")))
    case("metric_dialect", "What the public clients send, with a lost line and page loads without an end.", steps, 17.5)


def windows():
    steps = []

    def sample(at, event, rt=10.0, label="a"):
        steps.append((at, datagram(f"sample,flood=7,label={label} rt={rt},ok=t {ns(event)}")))

    sample(0.2, -0.5)  # the window before is not due yet
    sample(0.5, 0.5)
    sample(0.9, 5.0)  # from the future
    sample(1.0, 1.0)  # exactly on the edge
    sample(1.0, 0.999999999)
    steps.append((2.5, {}))
    sample(3.5, 0.7, 20.0)  # late
    sample(3.6, 0.8, 30.0)
    sample(3.7, -0.9, 40.0)
    steps.append((4.0, {}))
    sample(4.5, 0.9, 50.0)  # late once more: another part
    sample(4.6, -5000.0)  # older than what may be reopened
    steps += [(tick, {}) for tick in range(5, 20)]
    for back in range(5, 15):  # more late windows than may be open
        sample(20.0, 20.0 - back, 1.0 + back, label=f"l{back}")
    steps += [(tick, {}) for tick in range(21, 31)]
    case("windows", "Edges, late parts, more late windows than may be open, future, distant past, idle windows.",
         steps, 30.2, period_s=1, incarnation=3)


def labels():
    def sample(label, rt):
        return b"sample,flood=7,label=" + label + f" rt={rt},ok=t {ns(0.5)}".encode()

    texts = [b"plain", b"GET+%2Fa%3Fb%3D1%26c", b"a\\,b\\=c\\ d", b"say+%22hi%22+%5C", b"C:\\\\temp\\dir", b"\xc3\x9cber%20%E2%82%AC",
             b"bad\xff", b"100%", b"", b"__other__", b"x" * 513, b"%E2%82%AC" * 200, b"nul%00%0A"]
    steps = [(1, raw(b"\n".join(sample(text, i + 1) for i, text in enumerate(texts))))]
    steps.append((1.5, raw(sample(b"one+too+many", 50) + b"\n" + sample(b"and+another", 60) + b"\n" + sample(b"plain", 9))))
    case("labels", "Decoding, cutting, reserved names and the label cap.", steps, 3, labels_max=len(texts),
         identity={"account": None, "flood": "7", "project": None, "grid": "9", "region": None, "run": 12},
         node="i-0abc.eu-west-1")


def accounts():
    def lines(source, seq, samples, n, more=""):
        out = [f"sample,flood=7,label=a,source={source} rt={seq}.5,ok=t {ns(0.1 + seq / 100 + i / 1000)}" for i in range(n)]
        return [*out, f"ledger,flood=7,source={source} seq={seq}i,samples={samples}i,truncated=0i{more}"]

    garbage = ["not line protocol", "cpu,host=a value=1", f"sample,flood=7,label=a rt=-1,ok=t {ns(0.2)}",
               f"sample,flood=7,label=a rt=NaN,ok=t {ns(0.2)}", f"sample,flood=7,label=a ok=t {ns(0.2)}",
               "sample,flood=7,label=a rt=1,ok=t", "response_time,flood=7 value=4", "passed,flood=7,label=a value=\"yes\""]
    one, two = lines("one", 1, 4, 4), lines("two", 1, 2, 2)
    bad = [*lines("one", 2, 10, 2)]
    bad[1:1] = garbage
    steps = [(0.2, datagram(*one)), (0.3, datagram(*two)), (0.4, datagram(*bad)), (0.45, datagram(*bad)),
             (0.5, datagram(*lines("one", 4, 19, 3))), (0.6, datagram(*lines("one", 3, 16, 6))),
             (0.7, datagram(*lines("two", 5, 9, 1, ",final=t"))), (0.8, datagram(f"sample,flood=7,label=b rt=1,ok=t {ns(0.7)}")),
             (0.9, datagram(*lines("one", 5, 19, 0, ",final=t")))]
    case("accounts", "Two sources; datagrams lost, doubled, overtaken; garbage among good lines.", steps, 1.5, period_s=5)


for make in (sample_dialect, metric_dialect, windows, labels, accounts):
    make()
