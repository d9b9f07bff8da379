"""What a gateway takes for the death of a browser: nothing that a program has done itself."""

import json
from types import SimpleNamespace

import pytest

from gridnode_selenium import gateway as gateways
from gridnode_selenium.gateway import Gateway

NO_SESSION = (404, {"error": "invalid session id", "message": "invalid session id: it has crashed\nmore"})


class Driver:
    """A made-up driver: what it answers, and whether it runs."""

    def __init__(self):
        self.exit = None
        self.process = SimpleNamespace(poll=lambda: self.exit, pid=0)
        self.port = 0
        self.answer = (200, None)


@pytest.fixture
def driver():
    return Driver()


@pytest.fixture
def gateway(driver, tmp_path, monkeypatch):
    monkeypatch.setattr(gateways, "service", lambda _: driver)
    monkeypatch.setattr(gateways, "remove_profile", lambda *_args, **_options: None)
    options = SimpleNamespace(temporary_dir=str(tmp_path), headless=True, sandbox=True, chromium="/chromium")
    found = Gateway(options)

    def ask(*_):
        if driver.exit is not None:
            raise ConnectionRefusedError
        status, value = driver.answer
        return status, "application/json", json.dumps({"value": value}).encode()

    monkeypatch.setattr(found, "_ask", ask)
    driver.answer = (200, {"sessionId": "s1"})
    found.handle("POST", "/wd/hub/session", b"{}")
    driver.answer = (200, None)
    yield found
    found._server.server_close()


def test_a_session_that_its_driver_has_lost_is_a_death_told_once(gateway, driver, monkeypatch):
    driver.answer = NO_SESSION
    assert gateway.handle("GET", "/wd/hub/session/s1/title", None)[0] == 404
    assert not gateway.is_given_up(), "the program may start another one"
    monkeypatch.setattr(gateways, "DEAD_GRACE_S", 0.0)
    assert gateway.is_given_up()
    assert gateway.take_death() == "invalid session id: it has crashed" and gateway.take_death() is None


def test_a_driver_that_has_ended_is_the_end_of_its_sessions(gateway, driver):
    driver.exit = -9
    status, _, answer = gateway.handle("GET", "/wd/hub/session/s1/title", None)
    assert status == 404 and json.loads(answer)["value"]["error"] == "invalid session id"
    assert gateway.take_death() == "its driver ended"


@pytest.mark.parametrize("path", ["/wd/hub/session/s1", "/wd/hub/session/s1/window"])
def test_what_a_program_ends_itself_has_not_died(gateway, driver, path):
    driver.answer = (200, [])
    gateway.handle("DELETE", path, None)
    driver.answer = NO_SESSION
    gateway.handle("GET", "/wd/hub/session/s1/title", None)
    assert gateway.take_death() is None


def test_one_window_of_several_and_another_browser(gateway, driver):
    driver.answer = (200, ["another window"])
    gateway.handle("DELETE", "/wd/hub/session/s1/window", None)
    driver.answer = NO_SESSION
    gateway.handle("GET", "/wd/hub/session/s1/title", None)
    driver.answer = (200, {"sessionId": "s2"})
    gateway.handle("POST", "/wd/hub/session", b"{}")
    assert gateway.take_death() is None, "the program has gone on with another one"


def test_words_of_a_page_are_no_death(gateway, driver):
    driver.answer = (500, {"error": "unknown error", "message": "net::ERR_INTERNET_DISCONNECTED"})
    gateway.handle("POST", "/wd/hub/session/s1/url", b"{}")
    assert gateway.take_death() is None
