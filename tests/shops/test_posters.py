"""Posters: the code decodes to the exact link, the words are drawn and broken as Chinese is."""

import io

import pytest
import zxingcpp
from PIL import Image, ImageChops

from yunju.kernel import clock
from yunju.shops import lettering, posters
from yunju.shops.lettering import NEVER_FIRST, NEVER_LAST, drawable, sans, serif, wrap
from yunju.shops.posters import HEIGHT, INNER, WIDTH, Poster, draw, lattice

LINK = "https://cluster.example.com/offers/K7QP4MX2ABCDEFGH?s=EQAAAAAABsrXvPZ2l1k9sJ0aYw"


def poster(**fields) -> Poster:
    values = {
        "link": LINK,
        "shop": "晚晚的小铺",
        "cluster": "云上集聚区",
        "title": "青花缠枝莲茶杯",
        "hint": "长按识别二维码",
        "seed": 5,
    }
    return Poster(**(values | fields))


def drawn(one: Poster, pictures=()) -> Image.Image:
    return Image.open(io.BytesIO(draw(one, list(pictures)))).convert("RGB")


@pytest.mark.parametrize("link", [LINK, "http://127.0.0.1:8000/shops/A?s=b", f"{LINK}{'x' * 60}"])
def test_the_code_leads_to_exactly_the_link(link: str):
    found = zxingcpp.read_barcodes(drawn(poster(link=link, pictures=()), [lattice(3, 400)] * 4))
    assert [one.text for one in found] == [link]


def test_a_poster_is_what_a_phone_shows_in_full():
    assert drawn(poster()).size == (WIDTH, HEIGHT) == (750, 1334)


def test_four_modules_of_white_stand_around_the_code():
    sheet = drawn(poster())
    found = zxingcpp.read_barcodes(sheet)[0].position
    size = found.top_right.x - found.top_left.x
    module = size / 37  # version 5 has 37 modules a side
    left, top = found.top_left.x, found.top_left.y
    right, bottom = found.bottom_right.x, found.bottom_right.y
    quiet = round(4 * module) - 2
    for box in (
        (left, top - quiet, right, top - 1),
        (left, bottom + 2, right, bottom + quiet),
        (left - quiet, top, left - 1, bottom),
        (right + 2, top, right + quiet, bottom),
    ):
        assert sheet.crop(box).getextrema() == ((255, 255),) * 3


@pytest.mark.parametrize("font", [serif(40), sans(26)], ids=["serif", "sans"])
def test_chinese_is_drawn_and_not_boxes(font):
    box = bytes(font.getmask("\U0010fffd"))
    glyphs = {char: bytes(font.getmask(char)) for char in "云聚晚小铺青花缠枝莲茶杯¥"}
    assert box not in glyphs.values()
    assert len(set(glyphs.values())) == len(glyphs)


def test_the_packaged_font_draws_chinese_where_the_system_has_none(monkeypatch):
    monkeypatch.setattr(lettering, "FOLDERS", ())
    lettering._installed.cache_clear()
    lettering._font.cache_clear()
    try:
        font = serif(40)
        assert font.getname()[0] == "WenQuanYi Micro Hei"
        assert bytes(font.getmask("聚")) != bytes(font.getmask("\U0010fffd"))
    finally:
        lettering._installed.cache_clear()
        lettering._font.cache_clear()


def test_another_title_is_another_picture_in_the_place_of_the_title_alone():
    one, other = drawn(poster()), drawn(poster(title="手工竹蜻蜓"))
    left, top, right, bottom = ImageChops.difference(one, other).getbbox()
    assert (left, top) >= (56, 148 + INNER)
    assert (right, bottom) < (700, 148 + INNER + 32 + 54)


def test_what_no_font_has_is_left_out():
    assert drawable("晚晚🌸的\u200b小铺", sans(26)) == "晚晚的小铺"


def measure(text: str) -> float:
    return sum(1.0 if ord(char) > 255 else 0.5 for char in text)


def test_lines_never_begin_or_end_with_the_wrong_sign():
    text = "杯子（单只），手绘；“釉下彩”。送人、自用：都合适！《茶经》说……好用？"
    for width in range(3, 16):
        lines = wrap(text, width, measure, 100)
        assert "".join(lines) == text
        assert [line for line in lines[1:] if line[0] in NEVER_FIRST] == []
        assert [line for line in lines[:-1] if line[-1] in NEVER_LAST and len(line) > 1] == []


def test_words_and_numbers_stay_whole():
    assert wrap("青瓷 Celadon 2026 年新款", 5.5, measure, 10) == ["青瓷", "Celadon", "2026 年新款"]


def test_too_much_text_ends_with_dots_inside_the_width():
    lines = wrap("一二三四五六七八九十甲乙丙丁", 4, measure, 2)
    assert lines == ["一二三四", "五六七…"]


def test_a_poster_is_drawn_once_and_kept(db_app, settings, tmp_path, monkeypatch):
    settings.STORAGES = settings.STORAGES | {
        "private": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        }
    }
    times = []
    monkeypatch.setattr(posters, "draw", lambda one, pictures: times.append(one) or draw(one, pictures))
    first = posters.png(poster())
    assert posters.png(poster()) == first
    posters.png(poster(price="¥68.00"))
    assert [one.price for one in times] == ["", "¥68.00"]
    assert posters.drop_old() == 0
    with clock.at(clock.now() + posters.KEPT * 2):
        assert posters.drop_old() == 2
    assert list((tmp_path / posters.FOLDER).iterdir()) == []
