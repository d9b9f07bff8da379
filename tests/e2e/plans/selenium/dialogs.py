"""Answers the dialogs of a page, also after the transactions that open them; and ends a transaction within a frame."""

PAGE = """data:text/html,<button onclick="document.title = confirm('sure?') ? 'accepted' : 'refused'">delete</button>"""


def iteration(driver, transaction, user):
    with transaction("page"):
        driver.get(PAGE)
    with transaction("delete"):
        driver.find_element("tag name", "button").click()
    driver.switch_to.alert.accept()
    with transaction(driver.title):
        driver.execute_script("document.title = ''")
    try:
        with transaction("broken"):
            driver.find_element("tag name", "button").click()
            raise ValueError("of the plan's own")
    except ValueError:
        driver.switch_to.alert.accept()
    with transaction(driver.title):
        pass
    with transaction("frame"):
        driver.get(user.param("url") + "/framed-page")
        driver.switch_to.frame(0)
