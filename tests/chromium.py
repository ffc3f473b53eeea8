"""A Chromium for the browser tests: the one in PATH, else out of the system's packages where that is possible."""

import os
import shutil
import subprocess

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-noto-cjk")
INSTALL_SECONDS = 900


def find() -> str | None:
    return next((path for path in map(shutil.which, NAMES) if path), None)


def find_or_install() -> str:
    """Its path. Fails the test with a sentence when there is none; skips it when YUNJU_NO_BROWSER=1 says so."""
    if os.environ.get("YUNJU_NO_BROWSER") == "1":
        pytest.skip("YUNJU_NO_BROWSER=1: this machine runs no browser tests")
    path = find() or _install()
    if path is None:
        pytest.fail("no Chromium in PATH and none could be installed: install one, or set YUNJU_NO_BROWSER=1")
    return path


def _install() -> str | None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *PACKAGES]):
        command = ["apt-get", *words]
        subprocess.run(command, env=quiet, capture_output=True, timeout=INSTALL_SECONDS, check=False)
    return find()
