"""Visits pages of the tests' site and writes down what it saw: the oracle for the numbers."""

import threading

from selenium.common.exceptions import NoSuchElementException
from selenium.webdriver.common.by import By

DATA = "shoppers.csv"
LOCK = threading.Lock()


def note(user, *words):
    with LOCK, open(user.param("log"), "a", encoding="utf-8") as log:
        log.write(" ".join(map(str, words)) + "\n")


def setup(user):
    user.state["visits"] = 0


def iteration(driver, transaction, user):
    url = user.param("url")
    user.state["visits"] += 1
    note(user, "row", user.row["name"])
    with transaction("idle"):
        # Loads nothing: the start page of a fresh browser is nobody's.
        pass
    note(user, "idle", "ok")
    with transaction("front"):
        driver.get(url + "/page")
    note(user, "front", "ok")
    with transaction("slow"):
        driver.get(url + "/slow/300")
    note(user, "slow", "ok")
    with transaction("checkout"):
        with transaction("status"):
            driver.get(url + "/status/503")
        note(user, "status", "failed")
    user.think(0.05, 0.1)
    try:
        with transaction("missing"):
            driver.find_element(By.ID, "not-there")
    except NoSuchElementException:
        note(user, "missing", "failed")


def teardown(user):
    note(user, "visits", user.state["visits"])
