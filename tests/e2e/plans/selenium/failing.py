"""Fails in a few ways, with secrets in each place that a browser has."""

from selenium.webdriver.common.by import By

PAGE = "/secrets?user=ann&password=canary-query&q=1"


def iteration(driver, transaction, user):
    url = user.param("url")
    with transaction("fine"):
        driver.get(url + "/page")
    for n in range(int(user.param("storm", "0"))):
        try:
            with transaction("storm"):
                raise ValueError(f"order {n} is lost")
        except ValueError:
            pass
    with transaction("status"):
        driver.get(url + "/missing?token=canary-status")
    with transaction("checkout"):
        try:
            with transaction("pay"):
                driver.get(url + PAGE)
                driver.find_element(By.ID, "password").send_keys("canary-typed")
                driver.find_element(By.ID, "not-there")
        except Exception:
            pass
    # What the runner has read of the console is there for the plan all the same.
    with transaction("console"):
        driver.execute_script("console.error('for the plan: ' + document.title)")
        said = [entry["message"] for entry in driver.get_log("browser")]
        assert any("token=" in text for text in said) and any("for the plan" in text for text in said), said
    try:
        with transaction("refused"):
            driver.get(f"http://127.0.0.1:{user.param('closed_port')}/?password=canary-refused")
    except Exception:
        pass
