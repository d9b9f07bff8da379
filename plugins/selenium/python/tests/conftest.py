"""These tests need no browser, and so no Selenium: where it is not installed, its names are there and do nothing."""

import faulthandler
import importlib.util
import sys
from unittest import mock

import pytest

if importlib.util.find_spec("selenium") is None:
    errors = mock.MagicMock()
    errors.WebDriverException = type("WebDriverException", (Exception,), {})
    for name in ("InvalidSessionIdException", "NoAlertPresentException", "SessionNotCreatedException"):
        setattr(errors, name, type(name, (errors.WebDriverException,), {}))
    for name in ("", ".common", ".webdriver", ".webdriver.chrome", ".webdriver.chrome.options", ".webdriver.chrome.service", ".webdriver.chrome.webdriver", ".webdriver.remote", ".webdriver.remote.command"):
        sys.modules["selenium" + name] = mock.MagicMock()
    sys.modules["selenium.common.exceptions"] = errors
    sys.modules["selenium"].webdriver.Chrome = object


@pytest.fixture(autouse=True)
def nothing_ends_the_tests():
    """What gives a run up that hangs would, a minute after it."""
    yield
    faulthandler.cancel_dump_traceback_later()
