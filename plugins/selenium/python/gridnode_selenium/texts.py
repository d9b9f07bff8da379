"""What is said of an error, whatever the error itself does when it is asked: a plan's exceptions are a plan's code."""

import traceback

# A name, a key, an attribute or an import that is not there, or a type that does not fit.
SCRIPT_ERRORS = (NameError, LookupError, AttributeError, TypeError, ImportError, SyntaxError)


def text_of(error: BaseException) -> str:
    """The first line of its message; its class, too, where that alone says nothing, or only its class where there is none."""
    if isinstance(error, SystemExit):
        return _exit_of(error)
    try:
        # Selenium puts the driver's own stack below the message.
        message = getattr(error, "msg", None)
        if not isinstance(message, str) or not message:
            message = str(error)
        # As `str` does it: the text may be of a class of the plan's.
        line = str.split(str.strip(message), "\n")[0]
        return f"{class_of(error)}: {line}" if line and _needs_class(error, line) else line or class_of(error)
    except BaseException:  # noqa: BLE001 - `__str__` may raise whatever it likes
        return class_of(error)


def _needs_class(error: BaseException, line: str) -> bool:
    """A key, a number, one word: whoever reads `'wrod'` does not know what is the matter with it."""
    return isinstance(error, LookupError) or len(str.split(line)) == 1


def is_of_script(error: BaseException) -> bool:
    """Whether it is one that a script makes by its own mistake: what a site or a check has to say comes as another."""
    return isinstance(error, SCRIPT_ERRORS)


def _exit_of(error: SystemExit) -> str:
    """Its message is an exit code, which says nothing by itself."""
    try:
        code = "" if error.code is None else repr(error.code)
        return f"the script called sys.exit({str.split(code, chr(10))[0]})"
    except BaseException:  # noqa: BLE001 - `__repr__` may raise, too
        return "the script called sys.exit"


def class_of(error: BaseException) -> str:
    """The name of its class."""
    try:
        return str(type(error).__name__)
    except BaseException:  # noqa: BLE001 - a metaclass may raise, too
        return "exception"


def trace_of(error: BaseException) -> str:
    """What Python prints of it."""
    try:
        return "".join(traceback.format_exception(type(error), error, error.__traceback__))
    except BaseException:  # noqa: BLE001 - see above
        return f"{class_of(error)}: its traceback cannot be shown\n"
