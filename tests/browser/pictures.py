"""Pictures of every page: `python -m tests.browser.pictures FOLDER [NAME...]`; those of README and tour: `... --docs`.

Starts a house with the demonstration, looks at each page of `places.PAGES` as the person it is for, in both languages,
390 and 1280 pixels, light and dark, and writes FOLDER/<language>-<width>-<scheme>/<page>.png.
"""

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yunju.config.settings")
os.environ.setdefault("YUNJU_SECRET_KEY", "only to read models")
os.environ.setdefault("YUNJU_HOME", tempfile.gettempdir())
import django

django.setup()  # the names of the demonstration's people come with its models

from PIL import Image  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

from tests import chromium  # noqa: E402
from tests.browser import gates, places  # noqa: E402
from tests.browser.furnish import furnish, launched  # noqa: E402
from tests.house import ROOT, House  # noqa: E402

START_SECONDS = 300
SHOWN = ROOT / "docs" / "pictures"
MOST_BYTES = 300_000
PHONE, DESK = gates.Combination("zh-hans", 390, "light"), gates.Combination("zh-hans", 1280, "light")
IN_DOCS = (
    ("home", DESK, 1000),
    ("offer", PHONE, 844),
    ("order", PHONE, 844),
    ("today", PHONE, 844),
    ("post_material", PHONE, 844),
    ("earnings", PHONE, 844),
    ("supply_today", DESK, 760),
    ("operator", DESK, 760),
    ("order_file", DESK, 1000),
    ("figures", gates.Combination("en", 1280, "dark"), 900),
)
"""Page, how it is looked at, and how much of its height is shown."""
IN_SIGHT_LOADED = """() => [...document.images].every(
  (one) => one.getBoundingClientRect().top > innerHeight || (one.complete && one.naturalWidth > 0))"""


@contextmanager
def open_gate() -> Iterator[gates.Gate]:
    """A house of its own for a while, and a browser before it."""
    path = chromium.find()
    if path is None:
        sys.exit("no Chromium in PATH")
    folder = Path(
        tempfile.mkdtemp(prefix="yunju-pictures-", dir="/tmp")
    )  # short: a socket's path has 107 bytes
    folder.chmod(0o755)
    house = House(folder / "home")
    try:
        house.start(YUNJU_DEMO="full")
        house.await_line(house.url, START_SECONDS)
        with sync_playwright() as driver:
            browser = launched(driver, path)
            gate = gates.Gate(browser, furnish(house, browser))
            yield gate
            gate.close()
            browser.close()
    finally:
        house.close()
        shutil.rmtree(folder)


def every_page(gate: gates.Gate, folder: Path, wanted: Sequence[str]) -> int:
    """All pages, or those named, in all combinations."""
    count = 0
    for way in gates.ALL:
        (folder / way.name).mkdir(parents=True, exist_ok=True)
        for page in places.PAGES:
            if not wanted or page.name in wanted:
                gate.open(page, way).screenshot(path=folder / way.name / f"{page.name}.png", full_page=True)
                count += 1
    return count


def for_docs(gate: gates.Gate) -> None:
    """Few, small, of few colours: they go into the repository."""
    SHOWN.mkdir(parents=True, exist_ok=True)
    by_name = {page.name: page for page in places.PAGES}
    for name, way, height in IN_DOCS:
        path = SHOWN / f"{name}.png"
        tab = gate.open(by_name[name], way)
        tab.set_viewport_size({"width": way.width, "height": height})
        tab.wait_for_function(IN_SIGHT_LOADED)
        tab.screenshot(path=path)
        flat = Image.open(path).convert("RGB")
        flat.quantize(method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(path, optimize=True)
        size = path.stat().st_size
        assert size <= MOST_BYTES, f"{path} has {size} bytes"
        sys.stdout.write(f"{path.relative_to(ROOT)}: {size // 1000} kB\n")


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", nargs="?", type=Path, help="where the pictures go")
    parser.add_argument("names", nargs="*", help="only these pages")
    parser.add_argument("--docs", action="store_true", help="those of README and tour, into docs/pictures")
    given = parser.parse_args(words)
    if not given.docs and not given.folder:
        parser.error("a folder for the pictures, or --docs")
    with open_gate() as gate:
        if given.docs:
            for_docs(gate)
        else:
            count = every_page(gate, given.folder, given.names)
            sys.stdout.write(f"{count} pictures in {given.folder}\n")


if __name__ == "__main__":
    main()
