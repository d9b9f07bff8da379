"""Browser tests that cannot run: a sentence that says what is wrong, on the terminal and in the event, and nothing left."""

import pytest

from support import commands
from support.browsers import nothing_is_left, processes_of
from support.running import Run, write_plan

PASSES = "def iteration(driver, transaction, user):\n    with transaction('a'):\n        pass\n"
JAVA = "import io.flood.selenium.FloodSump;\n%s\n"
MAIN = "public static void main(String[] args) { %s }"
# Says its version as a browser does, and ends.
CRASHING = "#!/bin/sh\ncase \"$*\" in *--version*) exec chromium --version;; esac\nexit 1\n"
MISSING_DRIVER = ["--chromedriver", "/nonexistent/chromedriver"]


def refused(run, *words, codes=(1,)):
    assert run.code in codes, run
    error = " ".join(run.process.err.split())
    for word in words:
        assert word in error, (word, str(run))
    assert "panicked" not in run.process.text, run
    nothing_is_left(run.out)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("import os\nx = = 1\n", ["plan.py", "line 2", "SyntaxError"], id="syntax"),
        pytest.param("import os\nraise ValueError('boom')\n", ["plan.py", "line 2", "ValueError: boom"], id="raises at import"),
        pytest.param("import not_there_at_all\n", ["plan.py", "line 1", "not_there_at_all"], id="missing module"),
        pytest.param("raise SystemExit(0)\n", ["plan.py", "SystemExit"], id="exits at import"),
        pytest.param("x = 1\n", ["def iteration(driver, transaction, user)"], id="no iteration"),
        pytest.param("DATA = 'none.csv'\n" + PASSES, ["none.csv"], id="no data file"),
        pytest.param("", ["plan.py"], id="empty"),
        pytest.param(PASSES.replace("pass", "yield"), ["plan.py, line 1", "is a generator function"], id="yields"),
        pytest.param("async " + PASSES, ["plan.py, line 1", "is an `async` function"], id="async"),
        pytest.param("\0\0", ["plan.py"], id="NUL bytes"),
        pytest.param("def iteration(driver, transaction, user):\n    pass\n", ["transaction("], id="no transaction"),
    ],
)
def test_bad_scripts(with_selenium, text, words):
    refused(Run(with_selenium, write_plan(with_selenium, text, "plan.py"), seconds=60), *words)


def test_a_script_that_raises_in_every_iteration(with_selenium):
    """It ran, so what there is is kept; but it proves nothing."""
    text = "def iteration(driver, transaction, user):\n    driver.nothing()\n"
    run = Run(with_selenium, write_plan(with_selenium, text, "plan.py"), seconds=60)
    refused(run, "plan.py", "line 2", "AttributeError", codes=(1, 5))


def test_a_script_that_returns_its_work_instead_of_doing_it(with_selenium):
    """What comes before that is measured, and proves nothing."""
    text = (
        "def flow(transaction):\n    with transaction('buy'):\n        pass\n    yield\n"
        "def iteration(driver, transaction, user):\n    with transaction('front'):\n        pass\n    return flow(transaction)\n"
    )
    run = Run(with_selenium, write_plan(with_selenium, text, "plan.py"), "--iterations", 2, seconds=60)
    refused(run, "2 of 2 iterations ended by an error", "plan.py, line 5: `iteration` returned a generator", codes=(5,))
    assert "✔" not in run.process.out, run


@pytest.mark.parametrize("does", ["raise ValueError('boom')", "sys.exit('boom')"])
def test_a_script_whose_setup_fails_for_all_users(with_selenium, does):
    text = f"import sys\ndef setup(user):\n    {does}\n{PASSES}"
    run = Run(with_selenium, write_plan(with_selenium, text, "plan.py"), "--users", 2, "--duration", "5m", seconds=60)
    refused(run, "no user came to its first iteration", "plan.py", "line 3", "boom", codes=(1, 5))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("class Plan { }", ["public static void main"], id="no main"),
        pytest.param(
            f"class A {{ {MAIN % ''} }}\nclass B {{ {MAIN % ''} }}", ["A", "B", "--class"], id="two mains"
        ),
        pytest.param(f"class Plan {{ {MAIN % 'int x = y;'} }}", ["Plan.java:2", "cannot find symbol"], id="does not compile"),
        pytest.param(f"class Plan {{ {MAIN % 'throw new IllegalStateException(%sboom%s);' % (chr(34), chr(34))} }}", ["boom"], id="throws"),
    ],
)
def test_bad_programs(with_selenium, text, words):
    run = Run(with_selenium, write_plan(with_selenium, JAVA % text, "Plan.java"), seconds=90)
    refused(run, *words, codes=(1, 5))


def test_a_missing_driver(with_selenium):
    plan = write_plan(with_selenium, PASSES, "plan.py")
    refused(Run(with_selenium, plan, *MISSING_DRIVER, seconds=60), "/nonexistent/chromedriver", "chromium-driver")


def test_a_missing_browser(with_selenium):
    plan = write_plan(with_selenium, PASSES, "plan.py")
    refused(Run(with_selenium, plan, "--chromium", "/nonexistent/chromium", seconds=60), "/nonexistent/chromium", "apt-get install chromium")


def test_a_browser_that_dies_at_once_again_and_again(with_selenium):
    plan = write_plan(with_selenium, PASSES, "plan.py")
    run = Run(with_selenium, plan, "--users", 2, "--duration", "5m", "--chromium", crashing(with_selenium.directory), seconds=120)
    refused(run, "3 times in a row")


def test_more_browsers_than_memory(with_selenium):
    plan = write_plan(with_selenium, PASSES, "plan.py")
    refused(Run(with_selenium, plan, "--users", 900, seconds=60), "not enough memory", " fit")


def test_the_event_of_a_node_says_it_too(with_selenium, grid):
    """One node, one bad plan after the other: each is over at once, and the next one is taken."""
    (node,) = grid.nodes("node-a")
    cases = [
        ("plan.py", "import os\nx = = 1\n", {}, ["plan.py", "line 2", "SyntaxError"]),
        ("plan.py", "import os\nraise ValueError('boom')\n", {}, ["plan.py", "line 2", "ValueError: boom"]),
        ("Plan.java", JAVA % f"class Plan {{ {MAIN % 'int x = y;'} }}", {}, ["Plan.java:2", "cannot find symbol"]),
        ("plan.py", PASSES, {"users": 900}, ["not enough memory"]),
    ]
    for run, (name, text, fields, words) in enumerate(cases, 1):
        grid.publish(commands.start([grid.cloud.upload(name, text)], run=run, tool="selenium", **fields))
        failed(node, run, words)


def test_the_event_of_a_node_whose_browser_dies_or_is_missing(with_selenium, grid):
    programs = with_selenium.directory / "programs"
    programs.mkdir()
    node = grid.agent("node-a", environment={"PATH": f"{programs}:/usr/bin:/bin"}).start()
    chromium = crashing(programs)
    file = grid.cloud.upload("plan.py", PASSES)
    grid.publish(commands.start([file], run=1, tool="selenium", duration_s=200))
    failed(node, 1, ["3 times in a row"])
    # As a node without the package has it.
    chromium.write_text("#!/bin/sh\necho not found >&2; exit 127\n")
    grid.publish(commands.start([file], run=2, tool="selenium"))
    failed(node, 2, ["chromium", "apt-get install"])


def failed(node, run, words):
    event = node.finished(run=run)
    reason = " ".join(event["reason"].split())
    assert event["outcome"] == "failed", event
    for word in words:
        assert word in reason, (word, reason)
    nothing_is_left(node.state_dir)
    assert not processes_of(node.state_dir) and node.process.code is None


def crashing(directory):
    program = directory / "chromium"
    program.write_text(CRASHING.replace("exec chromium", "exec /usr/bin/chromium"))
    program.chmod(0o755)
    return program
