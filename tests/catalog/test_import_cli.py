"""The command, and the real files where they are at hand."""

import argparse

import pytest

from tests.catalog.shopify_files import BOWL, CUP, FILE, LARGE, written
from tests.factories.members import make_cluster, make_member, owner_of
from yunju.catalog.models import Offer, Stock, Variant
from yunju.cli import importing
from yunju.cli.say import Stop
from yunju.members.words import CapacityKind


@pytest.fixture
def supplier(db_app):
    return make_member(make_cluster(), capacities=[CapacityKind.SUPPLIER])


@pytest.fixture
def command(supplier, capsys):
    def run(path, *words) -> tuple[int, list[str]]:
        parser = argparse.ArgumentParser()
        importing.add_arguments(parser)
        given = [str(path), "--supplier", supplier.code, "--cluster", supplier.cluster.code, *words]
        code = importing.run(parser.parse_args(given))
        return code, capsys.readouterr().out.splitlines()

    return run


def test_it_says_what_became_of_every_row(command, tmp_path):
    path = tmp_path / "cups.csv"
    path.write_bytes(written([CUP, LARGE, BOWL | {"Variant Price": "free"}]))
    code, told = command(path, "--commission", "12.5")
    assert code == 1
    assert told[0].startswith("cups.csv (UTF-8-SIG): imported (run ")
    assert told[1:7] == [
        "rows: 3 = 2 variants + 0 pictures + 1 not taken + 0 empty",
        "offers: 1 made, 0 changed, 0 unchanged, 1 not taken",
        "variants: 2 made, 0 changed, 0 unchanged",
        "pictures: 1 made, 0 changed; stock set for 2 variants",
        "columns not used (cells with something in them):",
        "  SEO Title (1)",
    ]
    assert any(
        line.startswith("row 4, Variant Price: not taken: ") and line.endswith("[import.amount]")
        for line in told
    )


def test_the_same_again_and_dry(command, supplier, tmp_path):
    path = tmp_path / "cups.csv"
    path.write_bytes(written(FILE))
    assert command(path, "--dry-run")[1][0].startswith("cups.csv (UTF-8-SIG): dry run, nothing was changed")
    assert not Offer.objects.filter(supplier=supplier).exists()
    assert command(path)[0] == 0
    assert "offers: 0 made, 0 changed, 2 unchanged, 0 not taken" in command(path)[1]


@pytest.mark.parametrize(
    "words",
    [
        ["--supplier", "NOBODY"],
        ["--supplier", "a@b.example"],
        ["--cluster", "none"],
        ["--commission", "99.999"],
        ["--currency", "usd"],
    ],
)
def test_what_cannot_be_meant_ends_with_a_sentence(command, tmp_path, words):
    path = tmp_path / "cups.csv"
    path.write_bytes(written(FILE))
    with pytest.raises(Stop, match=r"\w+ \w+"):
        command(path, *words)


def test_a_missing_file_ends_with_a_sentence(command, tmp_path):
    with pytest.raises(Stop, match="cannot be opened"):
        command(tmp_path / "none.csv")


def test_a_supplier_is_found_by_the_mail_of_its_people(supplier):
    assert importing.find_supplier(supplier.cluster, owner_of(supplier).email.upper()) == supplier


REAL = {
    # file: (rows, offers, variants, rows that are one more picture, pictures, pieces)
    "packt_liquid_book_products.csv": (21, 20, 21, 0, 21, 65),
    "shopify_partners_apparel.csv": (22, 20, 22, 0, 20, 22),
    "shopify_partners_home-and-garden.csv": (21, 20, 21, 0, 21, 65),
    "shopify_partners_jewelery.csv": (41, 20, 23, 18, 41, 20),
    "shopify_sample_product_template.csv": (17, 3, 16, 1, 11, 95),
}


@pytest.mark.data
@pytest.mark.parametrize("name", sorted(REAL))
def test_real_files_are_taken_whole_and_twice_is_once(command, supplier, data, name):
    rows, offers, variants, picture_rows, pictures, pieces = REAL[name]
    path = data / "shopify" / name
    code, told = command(path)
    assert code == 0
    assert told[1:5] == [
        f"rows: {rows} = {variants} variants + {picture_rows} pictures + 0 not taken + 0 empty",
        f"offers: {offers} made, 0 changed, 0 unchanged, 0 not taken",
        f"variants: {variants} made, 0 changed, 0 unchanged",
        f"pictures: {pictures} made, 0 changed; stock set for {variants} variants",
    ]
    assert sum(row.remaining for row in Stock.objects.filter(cluster_id=supplier.cluster_id)) == pieces
    code, told = command(path)
    assert told[2:4] == [
        f"offers: 0 made, 0 changed, {offers} unchanged, 0 not taken",
        f"variants: 0 made, 0 changed, {variants} unchanged",
    ]


@pytest.mark.data
def test_all_real_files_in_one_catalogue(command, supplier, data):
    for name in sorted(REAL):
        assert command(data / "shopify" / name)[0] == 0
    assert Offer.objects.filter(supplier=supplier).count() == 83
    drafts = Offer.objects.filter(supplier=supplier, listed_at=None).order_by("title")
    assert [offer.title for offer in drafts] == ["Example Beanie", "Example Jeans"]
    earrings = Variant.objects.get(offer__supplier=supplier, offer__title="Boho Earrings")
    assert (earrings.weight_g, earrings.offer.pictures.count()) == (28, 3)
    jeans = Variant.objects.filter(offer__supplier=supplier, offer__title="Example Jeans").order_by(
        "position"
    )
    assert [(one.title, one.weight_g, one.price_minor) for one in jeans] == [
        ("28", 227, 9_500),
        ("30", 284, 9_500),
        ("40", 397, 9_500),
    ]
