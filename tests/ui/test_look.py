"""The style sheet, the icons and the drawings: computed and read, not believed."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template import Context, Template
from django.utils import translation

from yunju.ui import binding, contrast, drawing

PACKAGE = binding.SOURCE.parents[2]
SHEETS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(binding.SOURCE.glob("*.css"))}
ON_PAPER = {"sheets", "print"}
SIZES = {13, 15, 17, 20, 24, 32, 44}
SMALLER = {11, 12, 16}
"""The count on the bell, the words of the bar, fields on phones (iPhones zoom into anything smaller)."""


def schemes() -> dict[str, contrast.Scheme]:
    return contrast.schemes(SHEETS["tokens"])


@pytest.mark.parametrize("name", ["light", "dark"])
def test_every_pair_of_colours_can_be_read(name: str):
    found = contrast.pairs(schemes()[name])
    assert len(found) > 40
    assert [one for one in found if not one.holds] == []


def test_contrast_is_that_of_wcag_and_a_weak_pair_is_told():
    assert contrast.ratio("#000000", "#ffffff") == pytest.approx(21)
    assert contrast.ratio("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
    weak = dict(schemes()["light"], soft="#999999")
    assert {(one.front, one.back) for one in contrast.pairs(weak) if not one.holds} >= {("soft", "ground")}
    assert schemes()["dark"]["ground"] == "#15171a"
    assert schemes()["light"]["ground"] == "#f8f7f2"


def test_colours_stand_in_the_tokens_alone():
    colour = re.compile(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(")
    white_of_codes = re.compile(r"background: #fff\b")  # a QR code needs white around it in the dark as well
    found = {
        name: left
        for name, sheet in SHEETS.items()
        if name not in ON_PAPER | {"tokens"}
        and (left := [one for one in colour.findall(white_of_codes.sub("", sheet)) if one != "rgb("])
    }
    assert found == {}


def test_letters_have_the_sizes_of_the_scale():
    size = re.compile(r"font(?:-size)?:[^;{}]*?(\d+)px")
    for name, sheet in SHEETS.items():
        if name not in ON_PAPER:
            assert {int(one) for one in size.findall(sheet)} <= SIZES | SMALLER | {22, 28, 30}, name


def test_the_browser_gets_one_sheet_with_every_part_in_order(tmp_path: Path, settings):
    settings.YUNJU_HOME = tmp_path
    path = finders.find("ui/yunju.css")
    assert path == str(tmp_path / "bound" / "ui" / "yunju.css")
    text = Path(path).read_text(encoding="utf-8")
    assert text == binding.bound()
    places = [text.index(SHEETS[part].strip()) for part in binding.PARTS]
    assert places == sorted(places)
    assert "@import" not in text
    Path(path).write_text("old", encoding="utf-8")
    assert Path(str(finders.find("ui/yunju.css"))).read_text(encoding="utf-8") == text
    listed = [name for name, _storage in binding.BoundSheet().list(None)]
    assert listed == ["ui/yunju.css"]
    assert binding.BoundSheet().find("ui/other.css") == []
    assert binding.BoundSheet().check() == []


def test_each_sheet_is_bound_or_belongs_to_a_page_of_its_own():
    assert set(SHEETS) - set(binding.PARTS) == {"sheets", "design"}


def icons() -> list[str]:
    return re.findall(
        r'<symbol id="([a-z-]+)" viewBox="0 0 24 24">', (binding.SOURCE / "icons.svg").read_text("utf-8")
    )


def test_every_icon_that_a_page_asks_for_is_drawn():
    known = icons()
    assert len(known) == len(set(known)) >= 40
    asked: set[str] = set()
    for page in PACKAGE.rglob("*.html"):
        asked |= set(re.findall(r'{% icon "([^"]+)"', page.read_text(encoding="utf-8")))
    journeys = (PACKAGE / "web" / "templatetags" / "journeys.py").read_text(encoding="utf-8")
    block = journeys[journeys.index("ICONS = {") : journeys.index("\n}", journeys.index("ICONS = {"))]
    asked |= set(re.findall(r'": "([a-z-]+)"', block))
    assert asked >= {"bell", "today", "truck"}
    assert asked - set(known) == set()


def test_an_icon_is_silent_unless_it_has_a_name():
    silent = Template('{% load yunju %}{% icon "bell" %}').render(Context())
    assert 'aria-hidden="true"' in silent
    assert "icons.svg#bell" in silent
    named = Template('{% load yunju %}{% icon "bell" "small" words %}').render(Context({"words": "a<b"}))
    assert 'role="img" aria-label="a&lt;b"' in named
    assert "aria-hidden" not in named


@pytest.mark.parametrize(
    ("name", "small", "large"),
    [
        ("景行陶瓷工作室", "景", "景行陶瓷"),
        ("林晚", "林", "林晚"),
        ("青瓷坊", "青", "青瓷"),
        ("小满的手作小铺", "小", "小满"),
        ("钱多多的礼物店", "钱", "钱多多印"),
        ("的", "的", "的"),
        ("Kiln & Co", "K", "KC"),
        ("公司", "公", "公司"),
        ("···", "印", "印"),
    ],
)
def test_a_seal_is_cut_out_of_what_is_a_names_own(name: str, small: str, large: str):
    assert drawing.characters(name, 1) == small
    assert drawing.characters(name, 4) == large
    assert drawing.seal(name, "large") == drawing.seal(name, "large")
    assert drawing.seal(name).count("<text") == 1


def test_no_name_brings_markup_into_its_seal():
    assert "<script" not in drawing.seal("<script>", "large")
    assert drawing.characters("<b>", 4) == "B"


def test_the_same_number_draws_the_same_window_and_others_differ():
    assert drawing.picture(7) == drawing.picture(7)
    assert len({drawing.lattice(seed) for seed in range(60)}) > 20
    assert all("nan" not in drawing.lattice(seed) for seed in range(200))


def test_a_chinese_title_is_marked_on_an_english_page(settings):
    page = Template("{% load yunju %}{{ title|tongue }}")
    with translation.override("en"):
        assert page.render(Context({"title": "茶<杯"})) == '<span lang="zh-Hans">茶&lt;杯</span>'
        assert page.render(Context({"title": "Cup"})) == "Cup"
    with translation.override("zh-hans"):
        assert page.render(Context({"title": "茶杯"})) == "茶杯"
