"""The browser of the tests that click: found on this machine, or brought to it (`python -m tests.browser`)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from playwright.sync_api import Browser, Error, Playwright, sync_playwright

PLAYWRIGHT = (sys.executable, "-m", "playwright")
COMMANDS = ("chromium", "google-chrome", "google-chrome-stable", "chrome", "chromium-browser")
PACKAGES = ("chromium", "libatomic1", "fonts-noto-cjk")
"""Debian's: a browser, what Playwright's own Node needs, and Chinese pages as people see them."""


def launched(playwright: Playwright) -> Browser:
    """A browser without a window: the machine's own, else Playwright's. Raises Playwright's Error where none starts."""
    for path in filter(None, map(shutil.which, COMMANDS)):
        try:
            return playwright.chromium.launch(executable_path=path)
        except Error:  # a command that only says how to install it, as Ubuntu's
            continue
    return playwright.chromium.launch()


def works() -> bool:
    if not succeeds(*PLAYWRIGHT, "--version"):
        return False
    with sync_playwright() as playwright:
        try:
            launched(playwright).close()
        except Error:
            return False
    return True


def apt_install(*packages: str) -> None:
    """Install these packages of Debian's, or those of a browser, where that asks nobody anything: as root, or by sudo
    without a password."""
    as_root = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    if not shutil.which("apt-get") or (as_root and not (shutil.which("sudo") and succeeds(*as_root, "true"))):
        return
    packages = packages or PACKAGES
    say(f"Tests need {', '.join(packages)}: apt-get installs them …")
    apt_get = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet=2"]
    subprocess.run([*apt_get, "update"])
    subprocess.run([*apt_get, "install", "--yes", "--no-install-recommends", *packages], stdout=subprocess.DEVNULL)


def playwright_install() -> None:
    """Download Playwright's browser into the user's own folder."""
    say("The browser tests need a browser: Playwright downloads its own …")
    subprocess.run([*PLAYWRIGHT, "install", "chromium"])


def succeeds(*command: str) -> bool:
    return subprocess.run(command, capture_output=True).returncode == 0


def say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


def main() -> None:
    """Bring a browser unless one starts; ends with a sentence where that can't be done."""
    for bring in (apt_install, playwright_install):
        if works():
            return
        bring()
    if not works():
        sys.exit(
            "The browser tests can't run: no browser starts, and none could be brought. As root, on Debian:\n"
            f"    apt-get install {' '.join(PACKAGES)}\n"
            "elsewhere any Chromium or Chrome. What needs no browser:\n"
            "    make test-fast\n"
            "    .venv/bin/python -m pytest -n 2 -m 'fast or database'"
        )


if __name__ == "__main__":
    main()
