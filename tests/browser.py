"""The browser of the tests that click: found on this machine, or brought to it (`python -m tests.browser`)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from playwright.sync_api import Browser, Error, Playwright, sync_playwright

PLAYWRIGHT = (sys.executable, "-m", "playwright")
COMMANDS = ("chromium", "google-chrome", "google-chrome-stable", "chrome", "chromium-browser")
DRIVER, BROWSER, FONT = "libatomic1", "chromium", "fonts-noto-cjk"
"""Debian's packages: what Playwright's own Node needs, a browser, a font that has Chinese."""

TWO_CHARACTERS = """() => {
    const drawn = (text) => {
        const context = new OffscreenCanvas(40, 40).getContext("2d")
        context.font = "32px sans-serif"
        context.fillText(text, 0, 32)
        return context.getImageData(0, 0, 40, 40).data.join()
    }
    return drawn("表") !== drawn("单")
}"""
"""Without a font that has them, both are the same box."""


def launched(playwright: Playwright) -> Browser:
    """A browser without a window: the machine's own, else Playwright's. Raises Playwright's Error where none starts."""
    for path in filter(None, map(shutil.which, COMMANDS)):
        try:
            return playwright.chromium.launch(executable_path=path)
        except Error:  # a command that only says how to install it, as Ubuntu's
            continue
    return playwright.chromium.launch()


def missing() -> list[str]:
    """The packages whose work nothing on this machine does."""
    if not succeeds(*PLAYWRIGHT, "--version"):
        return [DRIVER, BROWSER, FONT]
    with sync_playwright() as playwright:
        try:
            browser = launched(playwright)
        except Error:
            return [BROWSER, FONT]
        drawn = browser.new_page().evaluate(TWO_CHARACTERS)
        browser.close()
    return [] if drawn else [FONT]


def apt_install(packages: list[str]) -> None:
    """Install Debian's packages where that asks nobody anything: as root, or by sudo without a password."""
    as_root = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    if not shutil.which("apt-get") or (as_root and not (shutil.which("sudo") and succeeds(*as_root, "true"))):
        return
    say(f"The browser tests need {' and '.join(packages)}: apt-get installs them …")
    apt_get = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet=2"]
    subprocess.run([*apt_get, "update"])
    subprocess.run([*apt_get, "install", "--yes", "--no-install-recommends", *packages], stdout=subprocess.DEVNULL)


def playwright_install() -> None:
    """Download Playwright's browser into the user's own folder."""
    say("The browser tests need a browser: Playwright downloads its own …")
    subprocess.run([*PLAYWRIGHT, "install", BROWSER])


def succeeds(*command: str) -> bool:
    return subprocess.run(command, capture_output=True).returncode == 0


def say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


def main() -> None:
    """Bring what is missing; ends with a sentence where that can't be done."""
    lacking = missing()
    if lacking:
        apt_install(lacking)
        lacking = missing()
    if BROWSER in lacking and DRIVER not in lacking:
        playwright_install()
        lacking = missing()
    if lacking:
        sys.exit(
            f"The browser tests can't run: {' and '.join(lacking)} could not be installed. As root:\n"
            f"    apt-get install {' '.join(lacking)}\n"
            "elsewhere any Chromium or Chrome and any font that has Chinese. What needs no browser:\n"
            "    make test-fast\n"
            "    .venv/bin/python -m pytest -n 2 -m 'fast or database'"
        )


if __name__ == "__main__":
    main()
