#!/usr/bin/env python3
"""Checks the local cloud's page in a real browser: what it shows, what it switches, and whether everybody can use it.

Starts the cloud as a person would, opens its page in a Chromium without a window, and uses it with a mouse, with keys
alone, in both themes, on a phone and on a wide screen. What it saw is below target/page/.

    cargo build --workspace --bins && tools/venv.sh tools/check-page.py

Without a Chromium (tools/chromium.sh) it says so and checks nothing.
"""

import signal
import subprocess
import sys

# The modules lie beside this file, where no compiled copy of them should appear.
sys.dont_write_bytecode = True
from check_local.checks import Checks, expect
from check_page import flows, keys, looks
from check_page.browser import Browser, PageChecks
from cloud import ROOT, Cloud


def chromium() -> str | None:
    """The path of a Chromium, or nothing: then the reason is said."""
    found = subprocess.run([ROOT / "tools" / "chromium.sh"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if found.returncode:
        print(f"skipped: the page is not looked at: {found.stderr.strip()}")
        return None
    return found.stdout.strip()


def run(checks: Checks, browser: Browser, cloud: Cloud) -> None:
    """All checks of a page whose cloud runs. The last ones end it."""
    flows.run(checks, browser)
    keys.run(checks, browser)
    looks.run(checks, browser)
    with checks.check("the cloud has not ended by itself"):
        expect(None, cloud.process.poll(), "its exit code")
    with checks.check("no console message, no failed request"):
        expect([], browser.complaints, "complaints")
    with checks.check("Ctrl-C ends the cloud, and the page says so"), browser.page() as page:
        expect(0, cloud.stop(), "its exit code")
        page.get_by_text("connection lost").wait_for()


def main() -> int:
    """Runs all checks; the cloud ends with them, however they end."""
    # Python ends without its finally blocks at this signal, and the cloud would stay.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    path = chromium()
    if path is None:
        return 0
    checks = PageChecks()
    cloud = Cloud()
    try:
        with checks.check("cargo local --serve prints its address"):
            address = cloud.environment()["AWS_ENDPOINT_URL"]
        if not checks.failed:
            with Browser(path, address) as browser:
                run(checks, browser, cloud)
    finally:
        cloud.kill()
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
