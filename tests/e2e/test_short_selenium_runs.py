"""Browser tests whose users end before the run does."""

import pytest

from support.browsers import nothing_is_left, url_of
from support.running import Run, write_plan

HEAD = """import sys, time
def iteration(driver, transaction, user):
    with transaction("front"):
        driver.get(user.param("url") + "/fast")
"""


def short_run(with_selenium, site, body, *args):
    plan = write_plan(with_selenium, HEAD + body, "plan.py")
    return Run(with_selenium, plan, "--param", f"url={url_of(site)}", *args, seconds=120)


def is_doubted(run, text):
    assert run.code == 5 and "✔" not in run.process.out, run
    assert text in run.process.err and text in run.receipt["reason"], run
    assert any(text in doubt for doubt in run.summary["doubts"]), run.summary["doubts"]
    nothing_is_left(run.out)


@pytest.mark.parametrize(("call", "said"), [("sys.exit(0)", "sys.exit(0)"), ("exit('no shop')", "sys.exit('no shop')")])
def test_the_only_user_calls_sys_exit(with_selenium, site, call, said):
    run = short_run(with_selenium, site, f"    {call}\n", "--users", 1, "--duration", "12s")
    is_doubted(run, " of 12 s: user 0 after ")
    is_doubted(run, f"the script called {said}")
    assert "plan ended itself after" in run.receipt["reason"], run.receipt


def test_a_user_of_several_calls_sys_exit(with_selenium, site):
    run = short_run(with_selenium, site, "    if user.number == 1:\n        sys.exit()\n    time.sleep(0.5)\n", "--users", 2, "--duration", "20s")
    is_doubted(run, "1 of 2 users ended before their time: user 1 after ")


def test_iterations_that_fail_are_results(with_selenium, site):
    run = short_run(with_selenium, site, "    raise ValueError('no cart')\n", "--users", 1, "--iterations", 2)
    assert run.code == 0 and run.is_ticked, run
