"""A Chromium for the end-to-end tests: found, installed from Debian's package, or asked for."""

import os
import shutil
import sys
from pathlib import Path

from backend.launch.failure import LaunchError
from backend.launch.layout import ROOT
from backend.launch.steps import run_step, say

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Quiet, and without what a container forbids.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_browser() -> str | None:
    """Path of a Chromium, `CHROMIUM=` first; None when there is none."""
    chosen = os.environ.get("CHROMIUM")
    if chosen:
        if not Path(chosen).exists():
            raise LaunchError(f"CHROMIUM={chosen} does not exist.")
        return chosen
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def ensure_browser() -> str | None:
    """A Chromium's path; None (after saying how to get one) when missing and not under CI.

    Under CI=true a missing browser raises LaunchError: the end-to-end tests are never skipped there.
    """
    found = find_browser()
    if found:
        return found
    if sys.platform == "linux" and os.geteuid() == 0 and shutil.which("apt-get"):
        run_step("package list", ["apt-get", "update", "-q"], cwd=ROOT)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"]
        run_step("Chromium", install, cwd=ROOT, env=environment)
        found = find_browser()
        if found:
            return found
    hint = "install Chromium (Debian: `apt install chromium`) or set CHROMIUM=/path/to/it"
    if os.environ.get("CI") == "true":
        raise LaunchError(f"the end-to-end tests need a browser; {hint}.")
    say(f"No Chromium found: the end-to-end tests do not run. To run them, {hint}.")
    return None
