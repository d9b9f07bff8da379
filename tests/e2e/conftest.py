"""Fixtures of the end-to-end tests: the real binary, one directory a test, and a check that nothing stays behind."""

import contextlib
import os
import pathlib
import secrets
import shutil
import signal
import sys
import tempfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from support.drains import Recorder  # noqa: E402
from support.grid import Grid  # noqa: E402
from support.imds import Imds  # noqa: E402
from support.influx import Influx  # noqa: E402
from support.process import Gridnode  # noqa: E402
from support.site import Site  # noqa: E402
from support.victoria import Victoria  # noqa: E402
from support.wait import until  # noqa: E402

# What is ignored is inherited: under nohup, programs would be right to outlive a SIGHUP.
signal.signal(signal.SIGHUP, signal.SIG_DFL)

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "gridnode"
BIN_DIR = pathlib.Path(os.environ.get("GRIDNODE_BIN_DIR") or CACHE / "target" / "release")
# Somebody else has installed what is there, and nobody here may install anything.
ARE_THERE = "GRIDNODE_E2E_TOOLS" in os.environ
TOOLS = pathlib.Path(os.environ.get("GRIDNODE_E2E_TOOLS") or CACHE / "e2e-tools")
PLANS = pathlib.Path(__file__).parent / "plans"
NOTES = []
# Hours, not minutes: `tests/run soak` asks for them.
collect_ignore = [] if os.environ.get("GRIDNODE_SOAK") else ["soak"]


@pytest.fixture
def gridnode(tmp_path):
    """Starts the binary; after the test no process of it may be left."""
    runner = Gridnode(BIN_DIR / "gridnode", tmp_path, f"e2e-{secrets.token_hex(8)}", TOOLS)
    yield runner
    runner.stop_all()
    # A killed process takes a moment; a forgotten one stays.
    try:
        until("no process is left", lambda: not runner.left_behind(), 10)
    except AssertionError:
        pytest.fail(f"left behind: {runner.left_behind()}")


@pytest.fixture
def with_jmeter(gridnode):
    """The same, with JMeter installed: once for all tests, and kept."""
    return install(gridnode, "jmeter")


@pytest.fixture
def with_gatling(gridnode):
    """Installs a version of Gatling, once for all tests, and gives the binary."""

    def installed(version):
        return install(gridnode, "gatling", "--version", version)

    return installed


@pytest.fixture
def with_selenium(gridnode):
    """The same, with what browser tests need installed."""
    return install(gridnode, "selenium")


def install(gridnode, *what):
    if not ARE_THERE:
        installed = gridnode.run("tools", "install", *what, seconds=900)
        assert installed.code == 0, installed
    return gridnode


@pytest.fixture
def site():
    with Site() as running:
        yield running


@pytest.fixture
def influx(tmp_path):
    binary = os.environ.get("GRIDNODE_INFLUXD") or CACHE / "influxdb" / "usr" / "bin" / "influxd"
    with Influx(str(binary), tmp_path / "influxdb") as running:
        yield running


@pytest.fixture
def victoria(tmp_path):
    binary = pathlib.Path(os.environ.get("GRIDNODE_VICTORIA") or CACHE / "bin" / "victoria-metrics")
    if not binary.exists():
        pytest.skip("needs victoria-metrics, which tests/run builds")
    with Victoria(str(binary), tmp_path / "victoria") as running:
        yield running


@pytest.fixture
def drain():
    """Keeps what it gets; an InfluxDB takes longer to start, and forgets what came twice."""
    with Recorder() as running:
        yield running


@pytest.fixture
def grid(with_jmeter, drain):
    """AWS's look-alike and nothing else yet: nodes are made by the test."""
    with Grid(with_jmeter, drain.url) as running:
        yield running


@pytest.fixture
def imds(gridnode):
    """Makes stand-ins for the instance metadata service; they end with the test."""
    binary = os.environ.get("GRIDNODE_IMDS_MOCK") or shutil.which("ec2-metadata-mock") or CACHE / "bin" / "ec2-metadata-mock"
    if not pathlib.Path(binary).exists():
        pytest.skip("ec2-metadata-mock is not there: it needs Go to be built")
    with contextlib.ExitStack() as stack:

        def make(*args, **options):
            directory = gridnode.directory / f"imds-{secrets.token_hex(2)}"
            return stack.enter_context(Imds(binary, directory, *args, **options))

        yield make


@pytest.fixture
def public_dir():
    """A directory that everybody can reach; the tests' own can be entered by their user only."""
    with tempfile.TemporaryDirectory(prefix="gridnode-e2e-") as place:
        os.chmod(place, 0o755)
        yield pathlib.Path(place)


@pytest.fixture
def blast():
    return BIN_DIR / "blast"


@pytest.fixture
def nodes():
    return BIN_DIR / "nodes"


@pytest.fixture
def plans():
    return PLANS


@pytest.fixture
def note():
    """Figures worth seeing, passed or not: shown at the end of the run."""
    return NOTES.append


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """What every gridnode of a failed test said, and how it ended."""
    report = yield
    runner = getattr(item, "funcargs", {}).get("gridnode")
    if report.failed and runner:
        for n, one in enumerate(runner.children):
            with contextlib.suppress(OSError):  # a test may have removed the files
                report.sections.append((f"gridnode {n}: {' '.join(map(str, one.child.args))[-200:]}", str(one)))
    return report


def pytest_collection_modifyitems(items):
    """For those who start pytest themselves; `tests/run` does not choose them as root."""
    if os.geteuid() == 0:
        for item in items:
            if item.get_closest_marker("unprivileged"):
                item.add_marker(pytest.mark.skip(reason="root may everything: tests/run unprivileged"))


def pytest_sessionfinish(session):
    """A worker's notes go with it to the one that shows them."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["notes"] = NOTES


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    NOTES.extend(getattr(node, "workeroutput", {}).get("notes", []))


def pytest_terminal_summary(terminalreporter):
    for text in NOTES:
        terminalreporter.write_line(f"note: {text}")
