"""Browser tests that bring a requirements.txt: from wheels of this test's own, without a network."""

import zipfile

from support import commands
from support.browsers import nothing_is_left, processes_of
from support.running import Run, write_plan
from support.wait import until

PLAN = """
import selenium
import shopkit

def iteration(driver, transaction, user):
    with transaction(shopkit.NAME):
        pass
"""
# What pip builds by it waits for ever, and so does what it starts.
BACKEND = """
import os, pathlib, subprocess, time

def get_requires_for_build_wheel(settings=None):
    pathlib.Path(%r).write_text("\\n".join(f"{name}={value}" for name, value in os.environ.items()))
    subprocess.Popen(["setsid", "sleep", "7777"])
    time.sleep(7777)
"""
PROJECT = """
[project]
name = "hostile"
version = "1"
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
SECRET = "a-secret-of-the-tests"


def wheel(directory, name="corner"):
    info = "shopkit-1.0.dist-info"
    files = {
        "shopkit.py": f"NAME = {name!r}\n",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: shopkit\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in files) + f"{info}/RECORD,,\n"
    directory.mkdir(exist_ok=True)
    with zipfile.ZipFile(directory / "shopkit-1.0-py3-none-any.whl", "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return directory


def requirements(wheels, *lines):
    return "\n".join(["--no-index", f"--find-links {wheels}", *lines]) + "\n"


def plan_with(gridnode, text):
    plan = write_plan(gridnode, PLAN, "plan.py")
    (plan.parent / "requirements.txt").write_text(text, encoding="utf-8")
    return plan


def test_its_packages_are_installed_once(with_selenium):
    wheels = wheel(with_selenium.directory / "wheels")
    plan = plan_with(with_selenium, requirements(wheels, "shopkit==1.0", "selenium>=4"))
    run = Run(with_selenium, plan)
    assert run.code == 0 and run.labels[("corner", "request")]["count"] == 1, run
    # What is done before the first line of progress is not worth one: what tells is that the next run needs no wheel.
    for file in wheels.iterdir():
        file.unlink()
    again = Run(with_selenium, plan)
    assert again.code == 0 and ("corner", "request") in again.labels, again
    assert "installed once" not in again.process.err, "they are there"
    nothing_is_left(again.out)


def test_what_pip_cannot_do_is_said_by_its_decisive_line(with_selenium):
    plan = plan_with(with_selenium, requirements(wheel(with_selenium.directory / "wheels"), "no-such-shop"))
    run = Run(with_selenium, plan)
    said = " ".join(run.process.err.split())
    assert run.code == 1 and "ERROR: Could not find a version that satisfies the requirement no-such-shop" in said, run
    log = said.split("all that pip said: ")[1].split(")")[0]
    with open(log, encoding="utf-8") as file:
        assert "No matching distribution found for no-such-shop" in file.read()
    nothing_is_left(run.out)


def test_what_a_package_starts_while_it_is_built_ends_and_sees_no_secrets(with_selenium):
    seen = with_selenium.directory / "seen"
    plan = plan_with(with_selenium, "--no-index\n./hostile\n")
    hostile = plan.parent / "hostile"
    hostile.mkdir()
    (hostile / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    (hostile / "backend.py").write_text(BACKEND % str(seen), encoding="utf-8")
    run = Run(with_selenium, plan, start=True, env={"PIP_INDEX_URL": f"http://a:{SECRET}@127.0.0.1:9/", "SHOP_SECRET": SECRET})
    until("the package is being built", lambda: seen.exists() and processes_of(run.out), 60)
    run.process.says("still installing packages")
    run.process.interrupt()
    run.process.wait(30)
    assert run.code == 130, run
    assert SECRET not in seen.read_text(encoding="utf-8")
    nothing_is_left(run.out)


def test_a_node_installs_packages_only_where_its_owner_allows_it(with_selenium, grid):
    wheels = wheel(with_selenium.directory / "wheels", "node")
    nodes = [grid.agent("node-a").start(), grid.agent("node-b", tools__plan_packages=True).start()]
    text = requirements(wheels, "shopkit")
    files = [grid.cloud.upload("plan.py", PLAN), grid.cloud.upload("requirements.txt", text)]
    grid.publish(commands.start(files, tool="selenium"))
    refused, ran = (node.finished(run=1) for node in nodes)
    assert refused["outcome"] == "failed" and "plan_packages = true" in refused["reason"], refused
    assert ran["outcome"] == "completed", ran
