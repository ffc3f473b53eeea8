import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "yunju"
PAGES = sorted(
    [*PACKAGE.rglob("*.html"), *PACKAGE.rglob("static/**/*.css"), *PACKAGE.rglob("static/**/*.js")]
)
FOREIGN = re.compile(r"""(?:https?:)?//[a-z0-9-]+\.[a-z]""", re.IGNORECASE)
INLINE = re.compile(
    r"""<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=\s*["']|=["']javascript:""", re.IGNORECASE
)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_page_asks_no_foreign_host_and_holds_no_inline_code(path: Path):
    source = path.read_text(encoding="utf-8")
    assert not FOREIGN.search(source.replace("http://www.w3.org/2000/svg", ""))
    if path.suffix == ".html":
        assert not INLINE.search(source)
