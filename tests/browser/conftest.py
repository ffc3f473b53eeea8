"""A whole installation for the browser tests, and a browser that looks at it. Nothing in it is a stand-in."""

import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.browser.eyes import Eyes, opened
from tests.house import House

SLOW_START_SECONDS = 90
"""Beyond what a start is given anyway: the demonstration on a machine that does other things too."""


@pytest.fixture(scope="module")
def house(chromium_path: str) -> Iterator[House]:
    """With the demonstration, whose suppliers, operator and second person take part."""
    folder = Path(tempfile.mkdtemp(prefix="yunju-seen-", dir="/tmp"))  # short: a socket's path has 107 bytes
    folder.chmod(0o755)
    made = House(folder / "home")
    try:
        made.start()
        made.await_line(made.url, SLOW_START_SECONDS)
        yield made
    finally:
        made.close()
        shutil.rmtree(folder)


@pytest.fixture
def eyes(house: House, chromium_path: str, tmp_path: Path) -> Iterator[Eyes]:
    """The driver's loop runs in this thread, so no test of the database may come before it has ended."""
    with opened(chromium_path, house.url, tmp_path) as found:
        yield found


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """A failure says where to see what the browser showed."""
    try:
        return (yield)
    except Exception as error:
        eyes = pyfuncitem.funcargs.get("eyes")
        if isinstance(eyes, Eyes):
            error.add_note("The browser showed\n" + "\n".join(eyes.last_seen()))
            error.add_note("and complained of\n" + "\n".join(eyes.complaints))
        raise
