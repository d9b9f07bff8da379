"""What a gateway takes for the death of a browser: nothing that a program has done itself."""

import json
import socket
import threading
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
        self.starts = 0

    def start(self):
        self.starts += 1
        self.exit = None


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


class Killed:
    """Ends like a process that was killed: sockets first, and seen a moment later."""

    def __init__(self, driver, looks):
        self.driver, self.left = driver, looks
        driver.process.poll = self.poll

    def poll(self):
        if self.driver.starts:
            return None
        self.left -= 1
        return None if self.left >= 0 else -9


def refuse(gateway, driver, monkeypatch, error=ConnectionRefusedError):
    """Nobody answers until the driver has been started again; gives what was asked."""
    asked, answering = [], gateway._ask

    def ask(method, path, body, timeout_s):
        asked.append((method, path, timeout_s))
        if not driver.starts:
            raise error
        return answering(method, path, body, timeout_s)

    monkeypatch.setattr(gateway, "_ask", ask)
    return asked


def test_a_driver_whose_end_is_seen_late_has_ended_all_the_same(gateway, driver, monkeypatch):
    refuse(gateway, driver, monkeypatch)
    Killed(driver, looks=3)
    assert gateway.handle("GET", "/wd/hub/session/s1/title", None)[0] == 404
    assert gateway._death[0] == "its driver ended"


def test_a_new_session_is_not_asked_of_a_driver_that_is_just_ending(gateway, driver, monkeypatch):
    asked = refuse(gateway, driver, monkeypatch)
    Killed(driver, looks=3)
    driver.answer = (200, {"sessionId": "s2"})
    assert gateway.handle("POST", "/wd/hub/session", b"{}")[0] == 200
    assert (driver.starts, gateway.restarts, len(asked)) == (1, 1, 2)
    assert gateway.take_death() is None


def test_browsers_of_a_dead_driver_end_before_another_one_starts(gateway, driver, monkeypatch):
    ended = []
    monkeypatch.setattr(gateways, "remove_profile", lambda profile, look: ended.append((driver.starts, look)))
    driver.exit = -9
    driver.answer = (200, {"sessionId": "s2"})
    gateway.handle("POST", "/wd/hub/session", b"{}")
    assert ended == [(0, True)]


def test_a_driver_that_hangs_over_a_new_session_is_replaced_unless_others_use_it(gateway, driver, monkeypatch):
    monkeypatch.setattr(gateways, "END_WAIT_S", 0.0)
    monkeypatch.setattr(gateways, "end_driver", lambda of: setattr(of, "exit", -9))
    asked = refuse(gateway, driver, monkeypatch, socket.timeout)
    driver.answer = (200, {"sessionId": "s2"})
    with pytest.raises(socket.timeout):
        gateway.handle("POST", "/wd/hub/session", b"{}")
    assert driver.starts == 0, "a session lives in it"
    gateway._sessions.clear()
    assert gateway.handle("POST", "/wd/hub/session", b"{}")[0] == 200
    assert driver.starts == 1 and all(timeout_s < 90 for _, _, timeout_s in asked)


def test_who_asks_for_a_death_does_not_wait_for_the_start_of_a_driver(gateway, driver):
    driver.exit = -9
    found = []
    start = driver.start

    def slow():
        asking = threading.Thread(target=lambda: found.append(gateway.take_death()), daemon=True)
        asking.start()
        asking.join(5)
        assert found == [None]
        start()

    driver.start = slow
    driver.answer = (200, {"sessionId": "s2"})
    gateway.handle("POST", "/wd/hub/session", b"{}")
    assert driver.starts == 1
