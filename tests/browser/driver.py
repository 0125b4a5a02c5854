"""Opens windows of a headless Chromium, each with a profile of its own, and closes or empties them without a trace."""

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache

import psutil
from selenium import webdriver
from selenium.webdriver.chrome.webdriver import WebDriver

from tests.services import reaper
from tests.services.process import new_folder, remove_folder

DESKTOP = (1280, 800)
PHONE = (390, 844)

_FLAGS = (
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",  # containers have a small /dev/shm
    "--no-first-run",
    "--no-default-browser-check",
    # Nothing but our own server is spoken to.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--metrics-recording-only",
    # Windows of a test lie behind each other; their timers run on as in front.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
)


@contextmanager
def open_window(size: tuple[int, int] = DESKTOP, *, dark: bool = False, language: str = "en-US") -> Iterator[WebDriver]:
    """A window of another person: no cookie or cache in common with any other. Closed, with its profile, at the end."""
    profile = new_folder("browser")
    try:
        driver = webdriver.Chrome(options=_options(str(profile), size, language), service=_service())
        reaper.watch_process(driver.service.process.pid)
        try:
            show_as(driver, size, dark=dark)
            yield driver
        finally:
            _quit(driver)
    finally:
        remove_folder(profile)


def show_as(driver: WebDriver, size: tuple[int, int] = DESKTOP, *, dark: bool = False) -> None:
    """Exactly this size, below the 500 pixels too that a window cannot be narrower than, and light or dark."""
    width, height = size
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})


def empty(driver: WebDriver, origins: Iterable[str]) -> None:
    """Make it the window of somebody new: one fresh tab, no cookie, nothing kept by the pages of these origins."""
    old = driver.window_handles
    driver.switch_to.new_window("tab")
    fresh = driver.current_window_handle
    for handle in old:
        driver.switch_to.window(handle)
        driver.close()
    driver.switch_to.window(fresh)
    driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
    for origin in origins:
        driver.execute_cdp_cmd("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
    show_as(driver)


def _quit(driver: WebDriver) -> None:
    """Close it, and see that the last of its processes is gone, which would still write to the profile."""
    pid = driver.service.process.pid
    processes = reaper.family(pid)
    driver.quit()
    _, alive = psutil.wait_procs(processes, timeout=0.3)
    for process in alive:
        process.kill()
    reaper.forget(pid)


def _options(profile: str, size: tuple[int, int], language: str) -> webdriver.ChromeOptions:
    options = webdriver.ChromeOptions()
    options.binary_location = _program("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    for flag in (*_FLAGS, f"--user-data-dir={profile}", f"--window-size={size[0]},{size[1]}", f"--lang={language}"):
        options.add_argument(flag)
    if not _may_have_a_sandbox():
        options.add_argument("--no-sandbox")  # its pages here are our own
    options.add_experimental_option("prefs", {"intl.accept_languages": language})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return options


@cache
def _may_have_a_sandbox() -> bool:
    """Chromium builds one of user namespaces; not for root, and not in a container that forbids them."""
    return (
        os.geteuid() != 0
        and subprocess.run(["unshare", "--user", "true"], check=False, capture_output=True).returncode == 0
    )


def _service() -> webdriver.ChromeService:
    """The driver that is installed: told where it is, Selenium does not go and download one."""
    return webdriver.ChromeService(executable_path=_program("chromedriver"))


def _program(*names: str) -> str:
    found = next(filter(None, map(shutil.which, names)), None)
    assert found, f"{names[0]} is missing: tests/setup-system.sh tells how to get it"
    return found
