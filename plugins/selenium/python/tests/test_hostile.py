"""What plans and programs may do to the runner: no sample is lost silently, the end comes, and nothing stays behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import gridnode_selenium
from gridnode_selenium import drive as driving
from gridnode_selenium import exits
from gridnode_selenium.arguments import quoted, write_arguments
from gridnode_selenium.capture import Capture
from gridnode_selenium.options import Options
from gridnode_selenium.plan import Plan, PlanError
from gridnode_selenium.program import run_program
from gridnode_selenium.python_run import judge
from gridnode_selenium.report import Report
from gridnode_selenium.screenshots import Screenshots
from gridnode_selenium.stop import Stop, Stopped
from gridnode_selenium.sump import Sump
from gridnode_selenium.tail import KEPT_CHARS_MAX, LINE_BYTES_MAX, Tail
from gridnode_selenium.texts import text_of
from gridnode_selenium.timings import Pages
from gridnode_selenium.transaction import Transactions
from gridnode_selenium.user import Shared, User

PASSES = "def iteration(driver, transaction, user):\n    pass\n"
# With a grace that a test can wait for.
SHORT_GRACE = (
    "import gridnode_selenium.drive as d; d.GRACE_S, d.LAST_PAGE_EXTRA_S = 1, -59\n"
    "from gridnode_selenium.__main__ import main; main()"
)


def options(tmp_path, **more):
    known = {"kind": "python", "plan": str(tmp_path / "plan.py"), "users": 1, "chromium": "/bin/true"}
    known.update(chromedriver="/bin/true", screenshots_dir=str(tmp_path / "shots"), temporary_dir=str(tmp_path / "tmp"))
    return Options(**{**known, **more})


class Collected:
    """In the sump's place."""

    def __init__(self):
        self.samples = []

    def sample(self, label, _rt_ms, ok, _end_ns, **fields):
        self.samples.append((label, ok, fields))

    def user_started(self):
        pass

    user_finished = user_started


class Runner:
    """The whole runner, as the agent starts it, with a plan that needs no browser."""

    def __init__(self, tmp_path, plan, as_main=("-m", "gridnode_selenium"), **more):
        (tmp_path / "tmp").mkdir()
        (tmp_path / "plan.py").write_text(plan)
        (tmp_path / "options.json").write_text(json.dumps(vars(options(tmp_path, **more))))
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(5)
        self.directory = tmp_path
        environment = {
            **os.environ,
            "PYTHONPATH": str(Path(gridnode_selenium.__file__).parent.parent),
            "FLOOD_SUMP_PORT": str(self.socket.getsockname()[1]),
            "GRIDNODE_REPORT_FILE": str(tmp_path / "report"),
            "GRIDNODE_STOP_FILE": str(tmp_path / "stop"),
        }
        command = [sys.executable, *as_main, str(tmp_path / "options.json")]
        self.process = subprocess.Popen(command, env=environment, cwd=tmp_path)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.socket.close()

    def is_in_plan(self):
        until(lambda: (self.directory / "here").exists())

    def ends(self, within_s=30.0):
        """Exit code, and all lines until the last word of the account."""
        code = self.process.wait(within_s)
        lines = []
        while not (lines and b"final=t" in lines[-1]):
            lines += self.socket.recv(65_536).splitlines()
        assert not list((self.directory / "tmp").iterdir())
        return code, b"\n".join(lines).decode()

    @property
    def report(self):
        return [json.loads(line) for line in (self.directory / "report").read_text().splitlines()]


def until(condition, seconds=20.0):
    end_s = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end_s
        time.sleep(0.02)


HANGS = "open('here', 'w').close(); time.sleep(10_000)\n"
HANGING_PLANS = {
    "import": "import time\n" + HANGS + PASSES,
    "setup": "import time\ndef setup(user):\n    " + HANGS + PASSES,
    "swallowed": "import time\ndef setup(user):\n    open('here', 'w').close()\n    while True:\n        try:\n"
    "            user.think(1)\n        except BaseException:\n            pass\n" + PASSES,
}


@pytest.mark.parametrize("where", HANGING_PLANS)
def test_a_stop_is_obeyed_wherever_a_plan_hangs(tmp_path, where):
    with Runner(tmp_path, HANGING_PLANS[where], users=2, duration_s=600) as runner:
        runner.is_in_plan()
        (tmp_path / "stop").write_text("now\n")
        began_s = time.monotonic()
        assert runner.ends()[0] == exits.FINE
        assert time.monotonic() - began_s < 4


def test_what_a_plan_started_and_standard_output_closed_do_not_hold_up_the_end(tmp_path):
    child = f"7002.{os.getpid()}"
    plan = f"import subprocess, sys\ndef setup(user):\n    subprocess.Popen(['sleep', '{child}'])\n    sys.stdout.close()\n    {{}}['x']\n"
    with Runner(tmp_path, plan + PASSES) as runner:
        assert runner.ends()[0] == exits.NO_TRANSACTION and not running(child)


def test_a_plan_that_is_being_loaded_has_nothing_to_finish(tmp_path):
    with Runner(tmp_path, HANGING_PLANS["import"]) as runner:
        runner.is_in_plan()
        (tmp_path / "stop").write_text("finish\n")
        assert runner.ends(5)[0] == exits.FINE


def test_a_signal_while_the_plan_is_being_loaded(tmp_path):
    with Runner(tmp_path, HANGING_PLANS["import"]) as runner:
        runner.is_in_plan()
        runner.process.send_signal(signal.SIGTERM)
        assert runner.ends(5)[0] == exits.FINE


def test_users_that_do_not_finish_are_named(tmp_path):
    plan = "import time\n" + PASSES + "def setup(user):\n    if user.number == 1:\n        time.sleep(10_000)\n    raise OSError\n"
    with Runner(tmp_path, plan, ("-c", SHORT_GRACE), users=2, duration_s=1) as runner:
        code, _ = runner.ends()
        fatal = [remark["text"] for remark in runner.report if remark["level"] == "fatal"]
        assert code != exits.FINE
        assert fatal[0].startswith("1 user(s) did not finish") and "user 1 is in `setup`, line 6 of plan.py" in fatal[0], fatal


@pytest.mark.parametrize(("does", "word"), [("raise ValueError('no shop')", "no shop"), ("sys.exit(3)", "SystemExit: 3")])
def test_a_run_without_any_iteration_has_failed(tmp_path, does, word):
    """And says so, although the plan has closed standard error."""
    plan = f"import sys\ndef setup(user):\n    sys.stderr.close()\n    {does}\n{PASSES}"
    with Runner(tmp_path, plan, users=2, duration_s=600) as runner:
        code, lines = runner.ends()
        assert code == exits.NO_TRANSACTION and lines.count("label=iteration rt=") == 2
        (fatal,) = [remark["text"] for remark in runner.report if remark["level"] == "fatal"]
        assert word in fatal and "line 4, in setup" in fatal


def shared_of(tmp_path, text, stop=None):
    (tmp_path / "plan.py").write_text(text)
    chosen = options(tmp_path, iterations=3)
    report = Report(str(tmp_path / "report"))
    shots = Screenshots(chosen.screenshots_dir, 0)

    def no_browser():
        raise OSError("no browser here")

    return Shared(chosen, Plan.load(chosen.plan), Collected(), report, stop or Stop(None), Capture(None, shots), no_browser)


STOPS = """
def iteration(driver, transaction, user):
    with transaction("outer"):
        user._shared.stop.finish()
        user.think(60)
        with transaction("inner"):
            pass
    with transaction("next"):
        pass
"""


def test_the_transaction_under_way_finishes_with_its_inner_ones(tmp_path):
    shared = shared_of(tmp_path, STOPS)
    began_s = time.monotonic()
    with pytest.raises(Stopped):
        User(0, shared)._once()
    assert time.monotonic() - began_s < 5
    assert [(label, ok) for label, ok, _ in shared.sump.samples] == [("outer / inner", True), ("outer", True)]


@pytest.mark.parametrize("goes_on", [lambda user: user.think(60), lambda user: user._transactions("inner").__enter__()])
def test_a_stop_at_once_ends_the_transaction_under_way_too(tmp_path, goes_on):
    user = User(0, shared_of(tmp_path, PASSES))
    with pytest.raises(Stopped), user._transactions("outer"):
        user._shared.stop.now()
        goes_on(user)
    assert not user._shared.sump.samples


def test_outside_of_transactions_a_stop_ends_the_iteration(tmp_path):
    user = User(0, shared_of(tmp_path, PASSES))
    user.think(0)
    user._shared.stop.finish()
    with pytest.raises(Stopped):
        user.think(60)


def test_a_user_that_ends_by_an_error_of_ours_makes_the_run_fail(tmp_path):
    shared = shared_of(tmp_path, PASSES)
    user = User(4, shared)
    # Something that nobody thought of.
    user._iterate = lambda: 1 // 0
    user.run()
    assert judge(shared, False) == exits.BROKEN
    assert "user 4 ended by an unexpected error: ZeroDivisionError" in shared.report.fatal_text


def test_a_run_that_was_too_short_for_an_iteration_has_failed(tmp_path):
    shared = shared_of(tmp_path, PASSES)
    assert judge(shared, False) == exits.NO_TRANSACTION and "longer than the run" in shared.report.fatal_text
    shared.count(iterations=1, ended_iterations=1)
    assert judge(shared, False) == exits.FINE and judge(shared, True) == exits.UNENDED


class Mute(Exception):
    def __str__(self):
        raise SystemExit(3)


class Number(Exception):
    msg = 5


class Closed(Exception):
    """Takes no mark, and says that it has every one."""

    def __setattr__(self, name, value):
        raise RuntimeError

    def __getattr__(self, name):
        return True


def transactions(sump, stop=None):
    class Nobody:
        driver = pages = None
        number = iteration = 0

    return Transactions(Nobody(), sump, Capture(None, Screenshots("/nonexistent", 0)), stop or Stop(None), True)


@pytest.mark.parametrize("error", [Mute(), Number(), Closed(), Stopped(), KeyboardInterrupt()], ids=lambda e: type(e).__name__)
def test_every_error_is_a_sample_and_stays_itself(error):
    sump = Collected()
    transaction = transactions(sump)
    with pytest.raises(type(error)) as raised, transaction("a"):
        raise error
    assert raised.value is error and transaction.has_sent(error)
    ((label, ok, fields),) = sump.samples
    assert (label, ok, fields["code"], bool(fields["error"])) == ("a", False, type(error).__name__, True)
    transaction.new_iteration()
    assert not transaction.has_sent(error), "the same one, raised again, counts again"
    assert not transaction.has_sent(Closed())


def test_texts_of_errors():
    errors = (Mute(), Number(), ValueError(), ValueError(" a b\nc"), KeyError("wrod"), IndexError("list index out of range"), OSError("5"))
    texts = ["Mute", "Number", "ValueError", "a b", "KeyError: 'wrod'", "IndexError: list index out of range", "OSError: 5"]
    assert [text_of(one) for one in errors] == texts


def test_transactions_of_threads_are_not_inside_of_each_other():
    sump = Collected()
    transaction = transactions(sump)
    both = threading.Barrier(3)

    def one():
        with transaction("bg"):
            both.wait(10)
            with transaction("inner"):
                both.wait(10)

    threads = [threading.Thread(target=one) for _ in range(3)]
    with transaction("fg"):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(label for label, _, _ in sump.samples) == ["bg"] * 3 + ["bg / inner"] * 3 + ["fg"]


def test_a_page_counts_once_and_where_its_navigation_began():
    class Driver:
        """Answers as the scripts do."""

        which, origin = None, 1_000.0

        def execute_script(self, _script):
            return self.which

        def execute_async_script(self, _script):
            return {"origin": self.origin, "status": 200, "first_byte": 1, "load": 2, "lcp": 3}

    driver, pages = Driver(), Pages()
    assert pages.look(driver, 999.0).timing is None, "the start page of a browser"
    driver.which, driver.origin = {"page": "a"}, 2_000.0
    assert pages.look(driver, 1_990.0).timing.load_ms == 2
    assert pages.look(driver, 2_001.0).timing is None, "it has counted"
    driver.which, driver.origin = {"page": "b"}, 3_000.0
    assert pages.look(driver, 3_020.0).timing is None, "loaded before the transaction"
    assert pages.look(driver, 2_990.0).timing is None, "and known by now"


def test_plans_with_odd_constants_say_so(tmp_path):
    for line in ("WINDOW_SIZE = (1, 2)", "CHROME_ARGUMENTS = 5", "DATA = 5"):
        (tmp_path / "plan.py").write_text(f"{line}\n{PASSES}")
        with pytest.raises(PlanError, match=line.partition(" ")[0]):
            Plan.load(str(tmp_path / "plan.py"))


def test_functions_of_which_a_call_runs_nothing_say_so(tmp_path):
    """pytest's and Playwright's habits; a function that has one of them within itself is plain."""
    plain = "def iteration(driver, transaction, user):\n    pass\n"
    for text, words in [
        ("\n" + plain.replace("pass", "yield"), "plan.py, line 2: `iteration` is a generator function"),
        ("async " + plain, "plan.py, line 1: `iteration` is an `async` function"),
        ("async " + plain.replace("pass", "yield"), "`iteration` is an `async` function"),
        ("class Plan:\n    async def __call__(self, *all):\n        pass\niteration = Plan()", "`iteration` is an `async` function"),
        (plain + "def setup(user):\n    yield", "plan.py, line 3: `setup` is a generator function"),
        (plain + "async def teardown(user):\n    pass", "`teardown` is an `async` function"),
    ]:
        (tmp_path / "plan.py").write_text(text, encoding="utf-8")
        with pytest.raises(PlanError, match=words):
            Plan.load(str(tmp_path / "plan.py"))
    inner = "    async def later():\n        pass\n    def some():\n        yield\n    list(some())\n"
    (tmp_path / "plan.py").write_text(plain.replace("    pass\n", inner), encoding="utf-8")
    Plan.load(str(tmp_path / "plan.py"))


def test_a_parameter_is_one_argument_of_the_jvm(tmp_path):
    value = 'a"b\\c\r-Dx=1\n-Dy=2\t\f'
    path = write_arguments(options(tmp_path, params={"p": value}, class_path="/cp"), tmp_path / "args")
    assert path.stat().st_mode & 0o777 == 0o600
    lines = path.read_bytes().decode().splitlines()
    assert [line for line in lines if "p=a" in line] == ['"-Dp=a\\"b\\\\c\\r-Dx=1\\n-Dy=2\\t\\f"'] and len(lines) == 8
    with pytest.raises(ValueError, match="-Dpassword") as refused:
        quoted("-Dpassword=secret\0")
    assert "secret" not in str(refused.value)


def test_what_a_program_says_takes_little_memory():
    said = []
    tail = Tail(said.append)
    for _ in range(200):
        tail.take(b"x" * 65_536)
    assert len(tail._line) <= LINE_BYTES_MAX
    tail.take(b"\nshort\nno end")
    assert [len(said[0]) - LINE_BYTES_MAX, said[1]] == [len(" [cut]\n"), b"short\n"]
    for n in range(1_000):
        tail.take(b"%d\n" % n)
    assert tail.text.splitlines() == [str(n) for n in range(992, 1_000)]
    tail.take(b"y" * 5_000 + b"\n")
    assert len(tail.text.splitlines()[-1]) == KEPT_CHARS_MAX


def running(argument):
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                found += [int(pid)] if argument.encode() in file.read().split(b"\0") else []
        except OSError:
            pass
    return found


def test_what_a_program_leaves_is_ended_with_it_and_nothing_else_is():
    mine, others = f"7000.{os.getpid()}", f"7001.{os.getpid()}"
    stop = Stop(None)
    waits = ["/bin/sh", "-c", f"setsid -f env -i sleep {others}; exec sleep 60"]
    ends: list = []
    other = threading.Thread(target=lambda: ends.append(run_program(waits, os.environ, stop)))
    other.start()
    until(lambda: running(others))
    code, words = run_program(["/bin/sh", "-c", f"setsid -f env -i sleep {mine}; echo last >&2; exit 5"], os.environ, stop)
    assert (code, words) == (5, "last")
    assert not running(mine) and running(others)
    began_s = time.monotonic()
    stop.now()
    other.join(10)
    assert time.monotonic() - began_s < 4 and ends[0][0] == 128 + signal.SIGTERM and not running(others)


def test_a_program_that_ignores_its_end_and_one_that_is_missing():
    stop = Stop(None)
    threading.Timer(1.0, stop.now).start()
    code, _ = run_program(["/bin/sh", "-c", "trap '' TERM; while :; do sleep 1; done"], os.environ, stop)
    assert code == 128 + signal.SIGKILL
    assert run_program(["/nonexistent/java"], os.environ, Stop(None))[0] == 127


def test_the_grace_counts_from_the_end_and_a_stop_is_no_failure(tmp_path, monkeypatch):
    monkeypatch.setattr(driving, "GRACE_S", 0.3)
    monkeypatch.setattr(driving, "kill_below", lambda *_: None)
    stop = Stop(None)
    threading.Timer(0.2, stop.finish).start()
    chosen = options(tmp_path, page_load_timeout_s=-60)
    late = driving.drive(chosen, [lambda: time.sleep(5), lambda: stop.wait(60)], stop)
    assert len(late) == 1 and late[0].startswith("user 0 is in `<lambda>`") and stop.is_now and not stop.asked
    report = Report(None)
    assert driving.tell_late(late, report, stop) and "user 0" in report.fatal_text
    stop.asked = True
    assert not driving.tell_late(late, report, stop)


def test_the_end_of_the_duration_is_said_once(tmp_path, monkeypatch):
    # It would end the tests.
    monkeypatch.setattr(driving, "_give_up_after", lambda _: None)
    stop, said = Stop(None), []
    finish = stop.finish
    stop.finish = lambda: (said.append(1), finish())
    driving.drive(options(tmp_path, duration_s=0.2), [lambda: time.sleep(0.6)], stop)
    assert len(said) == 1


def test_a_process_that_a_plan_forks_sends_nothing(tmp_path):
    """And that is said once, however many there are, and whatever another thread had locked."""
    report = Report(str(tmp_path / "report"))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        sump = Sump({"FLOOD_SUMP_PORT": str(receiver.getsockname()[1])}, report)
        for _ in range(2):
            with report._lock:
                pid = os.fork()
                if not pid:
                    signal.alarm(10)
                    sump.sample("child", 1.0, True, 1)
                    sump.sample("child", 1.0, True, 1)
                    sump.close()
                    os._exit(0)
            assert os.waitpid(pid, 0)[1] == 0
        sump.close()
        receiver.settimeout(0.5)
        assert b"samples=0i" in receiver.recv(65_536)
    (remark,) = [json.loads(line) for line in (tmp_path / "report").read_text().splitlines()]
    assert remark["level"] == "warning" and "processes that the plan forks" in remark["text"]
