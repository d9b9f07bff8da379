"""`gridnode run` and what it leaves in its output directory."""

import json

from pathlib import Path

from support import ports, rollups

# A JVM that runs for seconds spends half of its processor time on compiling what it has run once. Results are the same.
QUICK = "--jvm-arg=-XX:TieredStopAtLevel=1"


class Run:
    """A finished or started run: process, `summary.json`, rollups."""

    def __init__(self, gridnode, plan, *args, out=None, start=False, seconds=300, **options):
        self.out = out or gridnode.directory / f"out-{len(gridnode.children)}"
        listen = () if "--listen" in args else ("--listen", f"127.0.0.1:{ports.free_udp()}")
        quick = (QUICK,) if Path(plan).suffix == ".jmx" else ()
        args = ("run", plan, "--out", self.out, *listen, *quick, *args)
        self.process = gridnode.start(*args, **options) if start else gridnode.run(*args, seconds=seconds, **options)

    @property
    def code(self):
        return self.process.code

    @property
    def summary(self):
        return json.loads((self.out / "summary.json").read_text())

    @property
    def receipt(self):
        return self.summary["receipt"]

    @property
    def ledger(self):
        return self.receipt["ledger"]

    @property
    def labels(self):
        """(label, kind) → what `summary.json` says of it."""
        floods = self.summary["summary"]["floods"]
        return {(label["label"], label["kind"]): label for flood in floods for label in flood["labels"]}

    def rollups(self):
        return rollups.read(self.out / "rollups.lp")

    @property
    def is_ticked(self):
        """Also where nothing but the machine, which others use too, is in the tick's way."""
        doubts = self.summary["doubts"]
        return "✔" in self.process.text or bool(doubts) and all("saturated" in doubt for doubt in doubts)

    def __str__(self):
        return str(self.process)

    def __repr__(self):
        """Short: it stands in the summary of what failed."""
        return f"exit code {self.code}: {' | '.join(self.process.err.splitlines()[-6:])}"


def write_plan(gridnode, text, name="plan.jmx"):
    """A bundle's directory of its own, so that a test's files do not meet gridnode's."""
    bundle = gridnode.directory / "bundle"
    bundle.mkdir(exist_ok=True)
    (bundle / name).write_text(text, encoding="utf-8")
    return bundle / name
