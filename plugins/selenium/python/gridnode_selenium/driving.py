"""Which thread of a user has done what to the browser: a page belongs to the thread that brought it about."""

import threading
import time
from collections import deque
from contextlib import contextmanager
from typing import Callable, Deque, Iterator, List, Optional

# Commands that are remembered. A page is asked about soon after its navigation.
DEEDS_MAX = 64


class Deed:
    """A command that may lead to another page."""

    def __init__(self, who: int, is_navigation: bool):
        self.who = who
        self.is_navigation = is_navigation
        self.began_ms = _now_ms()
        # None: it is under way.
        self.ended_ms: Optional[float] = None

    def covers(self, at_ms: float, slack_ms: float) -> bool:
        """Whether a page that began then is the one that it has asked for."""
        ended_ms = self.ended_ms
        return self.is_navigation and self.began_ms - slack_ms <= at_ms and (ended_ms is None or at_ms <= ended_ms + slack_ms)


class Driving:
    """Of one browser. Thread safe."""

    def __init__(self) -> None:
        # Set by the browser's user: whose a calling thread's doings are.
        self.whose: Callable[[], int] = threading.get_ident
        self._deeds: Deque[Deed] = deque(maxlen=DEEDS_MAX)
        self._of_thread = threading.local()

    @contextmanager
    def ourselves(self) -> Iterator[None]:
        """What is asked within is no doing of the plan's."""
        before = getattr(self._of_thread, "is_ours", False)
        self._of_thread.is_ours = True
        try:
            yield
        finally:
            self._of_thread.is_ours = before

    @contextmanager
    def doing(self, is_navigation: bool) -> Iterator[None]:
        """Around a command of the calling thread."""
        if getattr(self._of_thread, "is_ours", False):
            yield
            return
        deed = Deed(self.whose(), is_navigation)
        self._deeds.append(deed)
        try:
            yield
        finally:
            deed.ended_ms = _now_ms()

    def has_driven(self, who: int) -> bool:
        """Whether it has any part in what is shown; so has everybody where nothing is known."""
        deeds = self._known()
        return not deeds or any(deed.who == who for deed in deeds)

    def is_last(self, who: int) -> bool:
        """Whether what is shown now is its doing."""
        deeds = self._known()
        return not deeds or deeds[-1].who == who

    def is_of(self, who: int, began_ms: float, slack_ms: float) -> bool:
        """Whether a page that began then is its doing: that of the navigation under way then, or else of the last command before. A
        question of another thread, which may come in between, waits until the navigation is done."""
        deeds = [deed for deed in self._known() if deed.began_ms - slack_ms <= began_ms]
        if not deeds:
            return True
        found = [deed for deed in deeds if deed.covers(began_ms, slack_ms)] or deeds
        return found[-1].who == who

    def _known(self) -> List[Deed]:
        # In one step: other threads append.
        return list(self._deeds)


def _now_ms() -> float:
    return time.time_ns() / 1e6
