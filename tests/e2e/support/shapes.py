"""Generated shapes of a thread group: controllers in controllers, what fails in them, and what cuts them short.

A label says what its samples are to be: `T …` transactions, all others requests."""

import itertools

from support import jmx

ACTIONS = "org.apache.jmeter.threads.JMeterContext.TestLogicalAction"
WRAPPERS = ["simple", "loop", "if", "once", "hidden", "shown"]
FAILURES = ["none", "sampler", "assertion", "child"]
ON_ERROR = ["continue", "startnextloop", "stopthread"]
FLOW = ["next_thread_loop", "next_of_this_loop", "break_this_loop", "stop_thread"]
OF_ACTION = {"next_thread_loop": 3, "next_of_this_loop": 4, "break_this_loop": 5, "stop_thread": 0}
LOGICAL = {
    "next_thread_loop": "START_NEXT_ITERATION_OF_THREAD",
    "next_of_this_loop": "START_NEXT_ITERATION_OF_CURRENT_LOOP",
    "break_this_loop": "BREAK_CURRENT_LOOP",
}


def wrap(kind, name, *children):
    if kind == "hidden":
        return jmx.transaction(f"T {name}", *children, parent=True)
    if kind == "shown":
        return jmx.transaction(f"T {name}", *children, parent=False)
    if kind == "loop":
        return jmx.loop(2, *children)
    if kind == "if":
        return jmx.condition("${__groovy(true)}", *children)
    if kind == "once":
        return jmx.once(*children)
    if kind == "parallel":
        return jmx.parallel(name, *children, parent=False)
    if kind == "parallel_parent":
        return jmx.parallel(f"T {name}", *children, parent=True)
    return jmx.simple(*children)


def sub_results(name, *children, fails=False, deep=False):
    """A script that puts together a result out of others, as stand-ins for parallel controllers do."""
    within = f'kid("{name} deep", r, true); r.sampleLabel = "T {name} one"' if deep else ""
    script = f"""def kid = {{ n, to, ok -> def r = new org.apache.jmeter.samplers.SampleResult(); r.sampleStart(); r.sampleEnd();
r.sampleLabel = n; r.setResponseCode("200"); r.setResponseMessage("OK"); r.setSuccessful(ok); to.storeSubResult(r, false); r }}
def r = kid("{name} one", SampleResult, true)
{within}
kid("{name} two", SampleResult, {str(not fails).lower()})
SampleResult.setResponseCode("200"); SampleResult.setResponseMessage("OK"); SampleResult.setSuccessful(true)"""
    return jmx.groovy(f"T {name}", script, *children)


def sampler(name, failure, sleep_ms):
    if failure == "sampler":
        return jmx.java(name, sleep_ms=sleep_ms, status="NOT OK", code="500")
    if failure == "assertion":
        return jmx.java(name, jmx.contains("never there"), sleep_ms=sleep_ms)
    if failure == "child":
        return sub_results(name, fails=True)
    return jmx.java(name, sleep_ms=sleep_ms)


def shape(name, kinds, failure="none", flow=None, sleep_ms=0):
    """`a`, the next controller, and `z` in each; in the innermost one what fails and what goes elsewhere."""
    innermost = [sampler(f"{name} fails", failure, sleep_ms)]
    if flow in OF_ACTION:
        innermost.append(jmx.flow_action(OF_ACTION[flow]))
    elif flow:
        action = LOGICAL[flow.removeprefix("script_")]
        innermost.append(jmx.groovy(f"{name} goes", f"SampleResult.setTestLogicalAction({ACTIONS}.{action})"))
    innermost.append(sub_results(f"{name} parts", deep=True))
    for depth, kind in reversed(list(enumerate(kinds))):
        at = f"{name} {depth}"
        before = [jmx.java(f"{at} a", sleep_ms=sleep_ms)] if depth else []
        innermost = [*before, wrap(kind, at, *innermost), jmx.java(f"{at} z", sleep_ms=sleep_ms)]
    return innermost


def matrix():
    """(name, kinds, failure, on_error, flow) of every thread group."""
    chains = [(one,) for one in WRAPPERS] + list(itertools.product(WRAPPERS, repeat=2))
    chains += list(itertools.product(["loop", "hidden", "shown"], repeat=3))
    ways = [(failure, on_error, None) for failure in FAILURES for on_error in ON_ERROR if failure != "none" or on_error == "continue"]
    ways += [("none", "continue", flow) for flow in [*FLOW, *(f"script_{name}" for name in LOGICAL)]]
    # Each chain with a third of the ways: over all chains each way meets each controller, at each depth.
    for number, kinds in enumerate(chains):
        for way, (failure, on_error, flow) in enumerate(ways):
            if (number + way) % 3 == 0:
                yield f"g{number}w{way}", kinds, failure, on_error, flow
