"""Every piece of the demonstration is drawn as itself."""

import io
import random
from collections import Counter

import pytest
from PIL import Image, ImageChops

from yunju.cli.demo import crowd
from yunju.cli.demo import crowd_words as words
from yunju.cli.demo.pictures import GLAZES, PALETTES, picture
from yunju.cli.demo.shelf import things
from yunju.cli.demo.things import PIECES, SINGLE, STYLES, drawn_as

EDGE = 60
"""Of the gate: within it nothing of the lattice is seen."""


def gate(drawn: bytes) -> Image.Image:
    with Image.open(io.BytesIO(drawn)) as image:
        side = image.width
        return image.convert("RGB").crop(
            (side // 2 - EDGE, side // 2 - EDGE, side // 2 + EDGE, side // 2 + EDGE)
        )


def differ(one: bytes, other: bytes) -> bool:
    return ImageChops.difference(gate(one), gate(other)).getbbox() is not None


def test_every_piece_of_every_trade_has_a_shape_and_every_style_a_pattern():
    for category, trade in words.TRADES.items():
        assert set(PIECES[category]) == {piece.chinese for piece in trade.pieces}
        assert len(STYLES[category]) == len(trade.styles)
        assert len(GLAZES.get(category, trade.styles)) == len(trade.styles)
        assert len(set(STYLES[category])) == len(trade.styles)
    assert set(PIECES) == set(STYLES) == set(PALETTES) == set(words.TRADES)


def test_what_is_made_once_is_known_by_its_title():
    assert set(SINGLE) == {thing.title for thing in things()}


def test_no_two_pieces_are_drawn_by_the_same_hand():
    shapes = Counter(shape for pieces in PIECES.values() for found in pieces.values() for shape in set(found))
    assert set(shapes.values()) == {1}
    of_a_trade = [(thing.category, drawn_as(thing.category, thing.title, None)[0]) for thing in things()]
    assert len(set(of_a_trade)) == len(of_a_trade)


def test_what_has_no_drawing_is_not_drawn_as_something_else():
    with pytest.raises(KeyError):
        picture("ceramics", 1, "飞毯")
    with pytest.raises(KeyError):
        picture("ceramics", 1_001, "团扇", 0)


@pytest.mark.parametrize("category", words.TRADES)
def test_pieces_of_a_trade_look_different_and_so_do_styles(category):
    names = list(PIECES[category])
    drawn = [picture(category, 1_002, name, 1) for name in names]
    assert all(differ(one, two) for n, one in enumerate(drawn) for two in drawn[:n])
    assert differ(drawn[0], picture(category, 1_002, names[0], 2))
    with Image.open(io.BytesIO(drawn[0])) as image:
        assert (image.format, image.size) == ("PNG", (480, 480))
    assert max(map(len, drawn)) < 70_000


def test_a_picture_is_the_same_whenever_it_is_drawn():
    assert picture("paper", 1_007, "折扇", 3) == picture("paper", 1_007, "折扇", 3)
    assert picture("toys", 7, "会走的木鸭子") == picture("toys", 7, "会走的木鸭子")


def test_a_second_picture_shows_the_same_thing_from_another_window():
    """Seeds that leave the scene away: what stands in the gate is the same to the pixel, the lattice is not."""
    one, two = (picture("ceramics", seed, "饭碗", 6) for seed in (1_002, 1_005))
    assert not differ(one, two)
    assert one != two


def test_what_stands_for_a_trade_is_sold_in_it():
    assert set(words.TYPICAL) == set(PIECES)
    assert all(piece in PIECES[category] for category, piece in words.TYPICAL.items())


def test_the_newest_of_each_trade_is_what_stands_for_it():
    chance = random.Random(5)
    firsts = {one.category: one for one in words.workshops()}
    cards = [(one, card) for category, one in firsts.items() for card in crowd._deck(category, chance)]
    dealt = [(number, None, one, card) for number, (one, card) in enumerate(cards)]
    crowd._typical_last(dealt)
    newest = {one.category: piece.chinese for _, _, one, (_, _, piece) in dealt}
    assert newest == words.TYPICAL
    assert [number for number, _, _, _ in dealt] == list(range(len(cards)))
    assert Counter(map(str, cards)) == Counter(str((one, card)) for _, _, one, card in dealt)
