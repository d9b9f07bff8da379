"""Agents and a real InfluxDB that are killed again and again, a proxy between them that misbehaves, and senders that count.

Every life of the agent is a run of its own, so that its accounts can be held against what one sender has sent and what
InfluxDB says of that run.
"""

import collections
import contextlib
import json
import os
import random
import threading
import time

from support import sump
from support.collecting import Collect
from support.faulty_drain import FaultyDrain
from support.wait import pause, until

FLOOD = "7"
LABELS = 12
# What a kill in full flow may take without a word: accounts are durable once a second, on a machine that is busy.
UNSAID_S = 6
GONE = ["evicted", "quarantined", "uncertain", "set_aside", "unexplained"]


class Counting(threading.Thread):
    """Sends some 400 samples a second until `stop`, and knows when it had sent how many."""

    def __init__(self, port, life):
        super().__init__(daemon=True)
        self._port, self._name, self._stopped = port, f"jvm-{life}", threading.Event()
        self.sent, self.history = 0, []
        self.start()

    def run(self):
        with sump.Sender(self._port) as sender:
            source = sump.Source(sender, self._name, FLOOD)
            while not self._stopped.wait(0.02):
                lines = [source.sample(f"l{n % LABELS}", 1 + n % 50) for n in range(self.sent, self.sent + 8)]
                # Refused: the agent is dead, and so is what the one before it left in the socket.
                with contextlib.suppress(OSError):
                    source.send(*lines)
                    self.sent += len(lines)
                    self.history.append((time.monotonic(), self.sent))

    def stop(self):
        self._stopped.set()
        self.join()

    def sent_before(self, seconds, moment):
        return max((sent for at, sent in self.history if at < moment - seconds), default=0)


class Life:
    """What one agent was sent: between `least` and `sent` samples it must answer for."""

    def __init__(self, run, ending, sent, least, receipt):
        self.run, self.ending, self.sent, self.least, self.receipt = run, ending, sent, least, receipt


class Chaos:
    """`run` it for some seconds; then `lives`, `accounts`, `stored` and `seen` can be looked at."""

    def __init__(self, gridnode, influx, seed):
        self.gridnode, self.influx, self.seed = gridnode, influx, seed
        self.lives, self.kills = [], collections.Counter()
        self._random = random.Random(seed)
        self._over = threading.Event()
        self._trouble = None

    def run(self, seconds):
        with FaultyDrain(self.influx, self._random.random()) as drain:
            self.drain = drain
            trouble = threading.Thread(target=self._make_trouble, args=(random.Random(self._random.random()),))
            trouble.start()
            try:
                ends = time.monotonic() + seconds
                while time.monotonic() < ends:
                    self._live()
            finally:
                self._over.set()
                trouble.join()
            if self._trouble:
                raise self._trouble
            drain.is_well = True
            self._deliver_the_rest()

    def counters(self):
        with contextlib.suppress(OSError, ValueError):
            return json.loads((self.gridnode.directory / "state-node-1" / "counters.json").read_text())["runs"]
        return {}

    def account(self, run):
        """By name; later starts of the agent name the start, too."""
        found = [account for name, account in self.counters().items() if name.partition("+")[0] == f"{FLOOD}.{run}"]
        assert len(found) < 2, f"run {run} has two accounts: {found}"
        return found[0] if found else {}

    def stored(self, run, field="count", measurement="transaction_rate_mean"):
        rows = self.influx.rows(f'SELECT sum("{field}") AS n FROM "{measurement}" WHERE run = {run}')
        return rows[0]["n"] if rows else 0

    def _live(self):
        run = len(self.lives) + 1
        ending = self._random.choice(["killed in full flow", "killed in full flow", "killed when quiet", "stopped"])
        agent = Collect(self.gridnode, self.drain.url, "--run", str(run))
        try:
            sender = Counting(agent.port, run)
            pause(self._random.uniform(1, 9))
            if ending != "killed in full flow":
                sender.stop()
            if ending == "killed when quiet":
                until("all is counted", lambda: self.account(run).get("aggregated") == sender.sent, 30)
                pause(self._random.uniform(0, 2))
            least = sender.sent
            if ending == "stopped":
                agent.process.terminate(120)
                assert agent.process.code in (0, 4), agent.process
            else:
                least = sender.sent_before(UNSAID_S, time.monotonic()) if ending == "killed in full flow" else least
                agent.process.signal(9)
                agent.process.child.wait()
            sender.stop()
        finally:
            agent.process.kill_if_running()
        self.kills[f"agent {ending}"] += 1
        self.lives.append(Life(run, ending, sender.sent, least, agent.receipts().get(FLOOD)))

    def _make_trouble(self, choose):
        """The database killed and started again, and outages of the network, each at moments of its own."""
        try:
            while not self._over.wait(choose.uniform(2, 12)):
                if choose.random() < 0.5:
                    self.influx.kill()
                    self.kills["database killed"] += 1
                    pause(choose.uniform(0, 3))
                    self.influx.start()
                else:
                    self.drain.outage(choose.uniform(0.5, 4))
        except Exception as error:  # noqa: BLE001: a thread's failure is the test's
            self._trouble = error

    def _deliver_the_rest(self):
        last = Collect(self.gridnode, self.drain.url, "--run", "1000000")
        try:

            def nothing_waits():
                runs = self.counters()
                return runs and all(account["spooled"]["samples"] == 0 for account in runs.values())

            until("nothing waits in the spool", nothing_waits, 120)
            last.process.terminate(60)
            assert last.process.code in (0, 4), last.process
        finally:
            last.process.kill_if_running()


def endure(gridnode, influx, note, seconds):
    """All of it, judged. `GRIDNODE_CHAOS_SEED` makes the same choices again, though not at the same instants."""
    seed = int(os.environ.get("GRIDNODE_CHAOS_SEED") or random.SystemRandom().randrange(1 << 32))
    chaos = Chaos(gridnode, influx, seed)
    again = f"again: GRIDNODE_CHAOS_SEED={seed}"
    try:
        chaos.run(seconds)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{again}") from error
    wrong, figures = judge(chaos)
    note(f"chaos: {seconds} s, seed {seed}: {dict(chaos.kills)}, {dict(chaos.drain.seen)}, {figures}")
    assert not wrong, "\n".join([*wrong, again])
    return chaos, figures


def judge(chaos):
    """All that is wrong, in sentences; and the figures."""
    wrong, figures = [], collections.Counter()
    for life in chaos.lives:
        # A run that ended with nothing left has its receipt, and its account is forgotten.
        account, stored = chaos.account(life.run) or of_receipt(life.receipt), chaos.stored(life.run)
        gone = {name: account.get(name, {}).get("samples", 0) for name in GONE}
        gone["lost_restart"] = account.get("lost_restart", 0)
        delivered = account.get("delivered", {}).get("samples", 0)
        known = delivered + sum(gone.values())

        def say(what):
            wrong.append(f"run {life.run}, {life.ending}: {what}: sent {life.sent}, stored {stored}, {account}")

        if not life.least <= known <= life.sent:
            say(f"accounts answer for {known} of what was sent, {life.least} at least was theirs to know")
        if account and account["aggregated"] != known:
            say("counted is not what the accounts add up to")
        # Of a batch that is uncertain, all may be stored or nothing.
        if not delivered <= stored <= delivered + gone["uncertain"]:
            say("the store has something else than the accounts say")
        if any(gone[name] for name in ("evicted", "quarantined", "set_aside", "unexplained")):
            say("nothing here loses samples in that way")
        if life.ending == "stopped" and gone["lost_restart"]:
            say("an agent that was stopped loses nothing")
        figures.update({"sent": life.sent, "stored": stored, "delivered": delivered, "unsaid": life.sent - known, **gone})
    wrong += disagreements(chaos.influx, figures["uncertain"])
    if chaos.drain.contradictions:
        wrong.append(f"batches came again with another content: {chaos.drain.contradictions}")
    return wrong, dict(figures)


def of_receipt(receipt):
    if not receipt:
        return {}
    delivery = {name: {"samples": receipt["delivery"][name]} for name in ["delivered", "spooled", *GONE]}
    return delivery | {"aggregated": receipt["ledger"]["aggregated"], "lost_restart": 0}


def disagreements(influx, uncertain):
    """What one measurement says of the samples of all runs, the others say, too: by label, or a point is there twice."""
    wrong = []
    counts = ['sum("count") AS n FROM response_time_mean', 'sum("count") AS n FROM response_time_percentiles',
              "sum(value) AS n FROM passed_count", "sum(c200) AS n FROM response_codes_count"]  # fmt: skip
    want = by_label(influx, 'sum("count") AS n FROM transaction_rate_mean')
    for what in counts:
        got = by_label(influx, what)
        apart = sum(abs(want.get(label, 0) - got.get(label, 0)) for label in want.keys() | got.keys())
        if apart > uncertain:
            wrong.append(f"SELECT {what} says otherwise than transaction_rate_mean by {apart} samples: {got}, not {want}")
    return wrong


def by_label(influx, what):
    return {row["label_id"]: row["n"] for row in influx.rows(f"SELECT {what} GROUP BY label_id")}
