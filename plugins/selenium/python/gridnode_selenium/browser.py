"""One browser with its driver: started, found dead, ended, its profile removed."""

import itertools
import shutil
import subprocess
import threading
from pathlib import Path
from typing import List, Optional

from selenium import webdriver
from selenium.common.exceptions import InvalidSessionIdException, SessionNotCreatedException, WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.remote.command import Command
from urllib3.exceptions import HTTPError

from .console import LOG, Console
from .options import Options
from .processes import kill_tree, kill_with_argument
from .texts import text_of
from .timings import Pages

# What Chromium would do by itself is traffic that no user makes.
QUIET = (
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--disable-gpu",
)
DEAD_WORDS = ("not reachable", "disconnected", "crashed", "session deleted", "no such session", "connection refused")
KILL_WAIT_S = 5.0
NAVIGATIONS = (Command.GET, Command.REFRESH, Command.GO_BACK, Command.GO_FORWARD)
# What else may lead to another page, or show one that is there. Questions do not.
ACTS = (
    Command.CLICK_ELEMENT,
    Command.SEND_KEYS_TO_ELEMENT,
    Command.W3C_ACTIONS,
    Command.W3C_EXECUTE_SCRIPT,
    Command.W3C_EXECUTE_SCRIPT_ASYNC,
    Command.W3C_ACCEPT_ALERT,
    Command.W3C_DISMISS_ALERT,
    Command.SWITCH_TO_WINDOW,
    Command.NEW_WINDOW,
    Command.CLOSE,
    # Chromium's own protocol: `Page.navigate`, for instance.
    "executeCdpCommand",
)
_numbers = itertools.count(1)


def arguments(options: Options, profile: Path, window_size: Optional[str] = None) -> List[str]:
    """Chromium's command line."""
    size = window_size or "1280,800"
    found = [*QUIET, f"--user-data-dir={profile}", f"--window-size={size}"]
    if options.headless:
        found.append("--headless=new")
    if not options.sandbox:
        found.append("--no-sandbox")
    return found


def new_profile(options: Options) -> Path:
    """An empty directory for one browser."""
    profile = Path(options.temporary_dir) / f"profile-{next(_numbers)}"
    profile.mkdir(parents=True)
    return profile


def end_driver(of: Service) -> bool:
    """Ends a driver with its browsers by force; false where it had ended already, and may have left them behind."""
    process = getattr(of, "process", None)
    if process is None or process.poll() is not None:
        return False
    kill_tree(process.pid)
    try:
        process.wait(KILL_WAIT_S)
    except subprocess.TimeoutExpired:
        pass
    return True


def remove_profile(profile: Path, look: bool) -> None:
    """Removes it; `look`: first ends a browser whose driver is no longer there to do it."""
    if look:
        kill_with_argument(f"--user-data-dir={profile}")
    shutil.rmtree(profile, ignore_errors=True)


def service(options: Options) -> Service:
    """A driver that is not yet started. Its paths are given, so nothing is looked for on the network."""
    return Service(executable_path=options.chromedriver, log_output=subprocess.DEVNULL)


def is_death(error: BaseException) -> bool:
    """Whether a driver says by it that its browser has gone."""
    if isinstance(error, InvalidSessionIdException):
        return True
    return isinstance(error, WebDriverException) and any(word in text_of(error).lower() for word in DEAD_WORDS)


class Driver(webdriver.Chrome):
    """A driver that also raises where a page could not be reached and chromedriver says nothing: a port that Chromium blocks, say."""

    pages: Optional[Pages] = None
    # How the plan has ended its session itself.
    ended_by: Optional[str] = None
    # What showed that the browser had died, whether the plan has caught it or not.
    lost: Optional[BaseException] = None

    def __init__(self, *args, **kwargs):
        self._console = Console()
        super().__init__(*args, **kwargs)

    def get_log(self, log_type):
        """As ever, for the plan."""
        entries = super().get_log(log_type)
        return self._console.take(entries) if log_type == LOG else entries

    def look_at_console(self) -> List[dict]:
        """What the page's console has said and the plan has not read yet."""
        return self._console.look(super().get_log(LOG))

    def execute(self, driver_command, params=None):
        """Every command goes through here."""
        if not self.pages or driver_command not in (*NAVIGATIONS, *ACTS):
            return self._execute(driver_command, params)
        with self.pages.driving.doing(driver_command in NAVIGATIONS):
            return self._execute(driver_command, params)

    def _execute(self, driver_command, params):
        if driver_command == Command.QUIT and not self.lost:
            self.ended_by = "driver.quit()"
        try:
            answer = super().execute(driver_command, params)
        except WebDriverException as error:
            if not self.ended_by and is_death(error):
                self.lost = self.lost or error
            raise
        if driver_command == Command.CLOSE and answer.get("value") == []:
            # With its last window a session is over.
            self.ended_by = self.ended_by or "driver.close()"
        if self.pages and driver_command in NAVIGATIONS:
            error = self.pages.failed_load(self)
            if error:
                raise WebDriverException(f"unknown error: {error}")
        return answer


class Browser:
    """A running browser. `quit` may be called from another thread, and more than once."""

    def __init__(self, options: Options, extra_arguments: List[str], window_size: Optional[str], insecure: bool):
        self._profile = new_profile(options)
        self._service = service(options)
        self._lock = threading.Lock()
        self._ended = False
        wanted = webdriver.ChromeOptions()
        wanted.binary_location = options.chromium
        wanted.accept_insecure_certs = insecure
        for argument in [*arguments(options, self._profile, window_size), *extra_arguments]:
            wanted.add_argument(argument)
        try:
            self.driver = Driver(options=wanted, service=self._service)
            self.driver.set_page_load_timeout(options.page_load_timeout_s)
            self.pages = self.driver.pages = Pages()
        except BaseException:
            self.kill()
            raise

    def is_dead(self, error: Optional[BaseException] = None) -> bool:
        """Whether the browser can no longer be used, as far as `error` and its driver say; one that the plan has ended is not dead."""
        if self.driver.ended_by:
            return False
        process = getattr(self._service, "process", None)
        if self._ended or process is None or process.poll() is not None:
            return True
        if self.driver.lost or isinstance(error, (SessionNotCreatedException, HTTPError)):
            return True
        if isinstance(error, ConnectionError):
            # It may be of a connection of the plan's own.
            return not self._service.is_connectable()
        return error is not None and is_death(error)

    def ended_by(self) -> Optional[str]:
        """The call by which the plan has ended it, if it has."""
        return self.driver.ended_by

    def quit(self) -> None:
        """Ends it in order, and by force where that fails."""
        try:
            if not self._ended:
                self.driver.quit()
        except Exception:  # noqa: BLE001 - whatever a broken driver answers, the tree is ended below
            pass
        self.kill()

    def kill(self) -> None:
        """Ends it by force and removes its profile."""
        with self._lock:
            if self._ended:
                return
            remove_profile(self._profile, look=not end_driver(self._service))
            self._ended = True
