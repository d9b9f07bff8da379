"""A plan in Python: loaded once, its parts checked before any browser starts."""

import importlib.util
import inspect
import re
import sys
import traceback
from pathlib import Path
from typing import Any, Callable, List, Optional

from .data import DataError, Rows
from .texts import class_of, text_of

ARGUMENTS_MAX = 100
ITERATION = "def iteration(driver, transaction, user):"
GIVEN = {"iteration": ("driver", "transaction", "user"), "setup": ("user",), "teardown": ("user",)}
PACKAGES = "requirements.txt"
# Files of test runners, which look for their tests by themselves: nobody does that here.
RUNNERS = {
    "unittest": re.compile(r"^\s*class\s+\w+\s*\([^)]*\bTestCase\b", re.MULTILINE),
    "pytest": re.compile(r"^\s*(?:(?:import|from)\s+pytest\b|(?:async\s+)?def\s+test_\w*\s*\()", re.MULTILINE),
}
RELATIVE = re.compile(r"from\s+(\.+)\s*([\w.]*)\s+import\s+(.+)")


class PlanError(Exception):
    """Why a plan cannot be run, with the user's file and line where Python says so."""


class Plan:
    """The parts of a plan."""

    def __init__(self, module: Any, path: Path):
        self.path = path
        self.iteration: Callable = _function(module, "iteration", path, needed=True)
        self.setup: Optional[Callable] = _function(module, "setup", path)
        self.teardown: Optional[Callable] = _function(module, "teardown", path)
        self.page_timings = bool(getattr(module, "PAGE_TIMINGS", True))
        self.window_size: Optional[str] = getattr(module, "WINDOW_SIZE", None)
        if not isinstance(self.window_size, (str, type(None))):
            raise PlanError(f'{path.name}: WINDOW_SIZE must be a text such as "1280,800", not {self.window_size!r}')
        self.insecure = bool(getattr(module, "ACCEPT_INSECURE_CERTS", False))
        self.profile: Optional[str] = getattr(module, "PROFILE", None)
        if self.profile not in (None, "fresh", "kept"):
            raise PlanError(f'{path.name}: PROFILE must be "fresh" or "kept", not {self.profile!r}')
        given = getattr(module, "CHROME_ARGUMENTS", [])
        if not isinstance(given, (list, tuple)):
            raise PlanError(f"{path.name}: CHROME_ARGUMENTS must be a list, not {given!r}")
        self.arguments: List[str] = [str(one) for one in given[:ARGUMENTS_MAX]]
        try:
            self.rows = Rows.of(getattr(module, "DATA", None), path.parent)
        except DataError as error:
            raise PlanError(str(error)) from error

    @classmethod
    def load(cls, path: str) -> "Plan":
        """Runs the plan's module."""
        file = Path(path)
        # Modules beside the plan are found, after everything that is installed.
        sys.path.append(str(file.parent))
        spec = importlib.util.spec_from_file_location("plan", file)
        if spec is None or spec.loader is None:
            raise PlanError(f"{file.name} is not a Python file")
        module = importlib.util.module_from_spec(spec)
        sys.modules["plan"] = module
        try:
            spec.loader.exec_module(module)
            return cls(module, file)
        except PlanError:
            raise
        except BaseException as error:  # noqa: BLE001 - a plan may raise whatever it likes, SystemExit too
            advice = f"{_no_iteration(file)}{_relative(error)}{_package(error, file)}"
            raise PlanError(f"{file.name} cannot be loaded:\n{advice}{words(error, file)}") from error

    def call(self, name: str, *arguments: Any) -> None:
        """Runs one of its functions, which must have done all it does when it comes back."""
        function = getattr(self, name)
        given = function(*arguments)
        if inspect.isasyncgen(given) or inspect.iscoroutine(given) and inspect.getcoroutinestate(given) != inspect.CORO_CLOSED:
            what, instead = "what an `async` function gives", "with `asyncio.run(…)`, or write that function without `async` and `await`"
        elif inspect.isgenerator(given) and inspect.getgeneratorstate(given) != inspect.GEN_CLOSED:
            what, instead = "a generator", "with `for _ in …`, or write its function without `yield`"
        else:
            return
        if inspect.iscoroutine(given):
            # Else Python says at some time that nobody has waited for it.
            given.close()
        raise TypeError(
            f"{self.path.name}, line {_line(function)}: `{name}` returned {what}, of which nothing runs by itself: run it there, "
            f"{instead}"
        )


def words(error: BaseException, file: Path) -> str:
    """What Python says of an error, from the plan's own first line on."""
    try:
        frames = traceback.extract_tb(error.__traceback__)
        first = next((i for i, frame in enumerate(frames) if frame.filename == str(file)), len(frames))
        lines = traceback.format_list(frames[first:]) + traceback.format_exception_only(type(error), error)
        return "".join(lines).strip()
    except BaseException:  # noqa: BLE001 - it asks the error, which is a plan's
        return text_of(error)


def brief(error: BaseException, file: Path) -> str:
    """An error in one line, with the line of the plan that it comes from."""
    try:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(file)]
        where = f" ({file.name}, line {lines[-1]})" if lines else ""
    except BaseException:  # noqa: BLE001 - it asks the error, which is a plan's
        where = ""
    text, name = text_of(error), class_of(error)
    return (text if text.startswith(name) else f"{name}: {text}") + where


def _no_iteration(file: Path) -> str:
    """Said before what a script for Selenium alone fails with, which begins to browse as soon as it is loaded."""
    source = _source(file)
    if not source or re.search(r"\biteration\b|import\s*\*", source):
        return ""
    return f"it has no function `iteration`: {_write_one(source)}\n"


def _source(file: Path) -> str:
    try:
        return file.read_text("utf-8", "replace")
    except OSError:
        return ""


def _write_one(source: str) -> str:
    runner = _runner(source)
    its = f"; nobody looks for the tests of `{runner}` here: let `iteration` do what they do" if runner else ""
    return f"write `{ITERATION}` with what a user does in it; the browser is given to it as `driver`, so it starts none itself{its}"


def _runner(source: str) -> Optional[str]:
    return next((name for name, words in RUNNERS.items() if words.search(source)), None)


def _package(error: BaseException, file: Path) -> str:
    """Where a package comes from that is not there. One that is and lacks a part is of another version, which Python says itself."""
    name = error.name if isinstance(error, ModuleNotFoundError) else None
    top = name.partition(".")[0] if isinstance(name, str) else ""
    if not top.isidentifier() or not isinstance(name, str):
        return ""
    is_there = (file.parent / top).is_dir() or (file.parent / f"{top}.py").exists()
    if is_there or (top != name and top in sys.modules):
        return ""
    if top == "pytest" and _no_iteration(file):
        # It would not help.
        return ""
    if (file.parent / PACKAGES).is_file():
        return f"there is no package `{top}`, and the `{PACKAGES}` beside the plan does not bring it: name it there as pip calls it\n"
    return f"there is no package `{top}`: name it, as pip calls it, in a file `{PACKAGES}` beside the plan, or put `{top}.py` there\n"


def _relative(error: BaseException) -> str:
    """How an import is written that counts on a package around it."""
    if not isinstance(error, ImportError) or not text_of(error).startswith("attempted relative import"):
        return ""
    lines = [frame.line or "" for frame in traceback.extract_tb(error.__traceback__)]
    found = next(filter(None, map(RELATIVE.match, reversed(lines))), None)
    if not found:
        return ""
    _, module, names = found.groups()
    instead = f"from {module} import {names}" if module else f"import {names}"
    return f"a plan is no part of a package, and what lies beside it is found by its name alone: write `{instead}`\n"


def _function(module: Any, name: str, path: Path, needed: bool = False) -> Optional[Callable]:
    found = getattr(module, name, None)
    if found is None and not needed:
        return None
    if not callable(found):
        wanted = _write_one(_source(path)) if name == "iteration" else f"write `def {name}(user):`"
        raise PlanError(f"{path.name} has no function `{name}`: {wanted}")
    _is_run_by_a_call(found, name, path)
    _takes_what_it_is_given(found, name, path)
    return found


def _takes_what_it_is_given(function: Callable, name: str, path: Path) -> None:
    """Each call of it would fail before its first line, with a browser that was started for it."""
    given = GIVEN[name]
    try:
        # What a decorator says of the function in it is not what the decorator's own takes.
        signature = inspect.signature(function, follow_wrapped=False)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(*given)
    except TypeError:
        if hasattr(function, "__signature__"):
            return
        takes = ", ".join(signature.parameters)
        raise PlanError(
            f"{path.name}, line {_line(function)}: `{name}({takes})` is called with `{', '.join(given)}`, which it does not take: write "
            f"`def {name}({', '.join(given)}):`"
        ) from None


def _is_run_by_a_call(function: Callable, name: str, path: Path) -> None:
    """A call of these only makes an object, and nothing in them would ever run."""
    # An object that is called has its code in its class.
    codes = (function, getattr(type(function), "__call__", None))
    if any(map(inspect.iscoroutinefunction, codes)) or any(map(inspect.isasyncgenfunction, codes)):
        what, instead = "an `async` function", "without `async` and `await`, or with `asyncio.run(…)` in it"
    elif any(map(inspect.isgeneratorfunction, codes)):
        what, instead = "a generator function", "without `yield`"
    else:
        return
    raise PlanError(
        f"{path.name}, line {_line(function)}: `{name}` is {what}, so a call of it runs nothing of it: write it as a plain function, "
        f"{instead}"
    )


def _line(function: Callable) -> Any:
    code = getattr(inspect.unwrap(function), "__code__", None)
    return getattr(code, "co_firstlineno", "?")
