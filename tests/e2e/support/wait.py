"""Waiting for something to become true: the only place where tests sleep."""

import time


def until(what, condition, seconds=30.0, step=0.05):
    """The first true value of `condition()`; fails by name after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:.0f} s in vain for: {what}")
        time.sleep(step)


def pause(seconds):
    """Lets time pass where nothing can be observed, e.g. for a gap between two windows."""
    time.sleep(seconds)
