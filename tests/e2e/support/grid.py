"""A whole grid on this machine: look-alike, proxy, events, nodes."""

import contextlib

from support import agent, commands
from support.agent import Agent
from support.aws import Cloud
from support.events import Events
from support.lookalikes import Ministack
from support.proxy import Proxy


class Grid:
    """Runs within the `with` block. Nodes reach AWS through `proxy`, unless `direct`; the test itself does not."""

    def __init__(self, gridnode, drain_url, kind=Ministack, direct=False, **settings):
        self.gridnode, self.drain_url, self._settings = gridnode, drain_url, settings
        self._look_alike = kind(gridnode.directory / "aws")
        self._direct = direct
        self.agents = {}

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self.aws = stack.enter_context(self._look_alike)
            self.proxy = None if self._direct else stack.enter_context(Proxy(self.aws.url))
            self.cloud = Cloud(self.aws.url)
            self.events = stack.enter_context(Events(self.cloud))
            stack.callback(self.shoot)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, failure, *_):
        self._stack.close()
        if failure is None:
            self.events.check()

    @property
    def url(self):
        return self.aws.url if self._direct else self.proxy.url

    def agent(self, node, grid="9", environment=None, **settings):
        """A node that is configured and not yet started; `control__runs_max=2` is the key `control.runs_max`."""
        common = agent.settings_of(self.cloud, self.url, self.drain_url, self.gridnode.tools_dir, grid)
        changes = {key.replace("__", "."): value for key, value in (self._settings | settings).items()}
        made = Agent(self.gridnode, self.events, node, common | changes, agent.environment_of(**(environment or {})))
        self.agents[node] = made
        return made

    def nodes(self, *names, **options):
        """Started all at once; returns when all are ready."""
        made = [self.agent(name, **options).start(ready=False) for name in names]
        for one in made:
            one.until_ready()
        return made

    def publish(self, command):
        self.cloud.publish(command)
        return command

    def start(self, plan, **fields):
        """Publishes the start of a plan's text; gives the command."""
        return self.publish(commands.start([self.cloud.upload("plan.jmx", plan)], **fields))

    def stop(self, **fields):
        return self.publish(commands.stop(**fields))

    def shoot(self):
        for one in self.agents.values():
            if one.process:
                one.process.kill_if_running()


def failed(receipt):
    """All failed samples that a receipt gives reasons for, transactions included."""
    return sum(reason["count"] for reason in receipt.get("failures", [])) + receipt.get("failures_others", 0)


def balance(receipt, lossless=True):
    """Every sample of a receipt is accounted for; gives how many were aggregated."""
    ledger, delivery = receipt["ledger"], receipt["delivery"]
    rejected = sum(ledger["rejected"].values())
    assert ledger["received"] == ledger["aggregated"] + rejected, receipt
    # A sample for which no source vouches (of a run that was broken off, say) was never said to be sent.
    assert ledger["sent"] == ledger["received"] - ledger["unattributed"] + ledger["lost"], receipt
    parts = ("delivered", "spooled", "evicted", "quarantined", "uncertain", "set_aside", "unexplained", "lost_restart")
    assert ledger["aggregated"] == sum(delivery[part] for part in parts), receipt
    if lossless:
        assert (ledger["lost"], ledger["unattributed"], rejected) == (0, 0, 0) and delivery["delivered"] == ledger["aggregated"], receipt
        assert receipt["sent_exact"] is True, receipt
    return ledger["aggregated"]
