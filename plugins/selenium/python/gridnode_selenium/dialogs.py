"""Dialogs of a page: alert, confirm, prompt. The plan opens them, and the plan answers them."""


def is_open(driver) -> bool:
    """Whether one waits for its answer. Then the page must not be asked anything: the driver would answer the dialog first."""
    try:
        # Asks for the dialog's text, the one question that leaves it as it is.
        return driver.switch_to.alert is not None
    except Exception:  # noqa: BLE001 - there is none; whatever else is wrong, the next question will show
        return False
