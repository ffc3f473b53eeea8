"""`yunju search recall`: real titles, real product names; nothing stays behind."""

import gzip
import os
from pathlib import Path

import pytest

from yunju.catalog import recall
from yunju.catalog.models import Offer
from yunju.cli import search
from yunju.cli.main import main
from yunju.members.models import Cluster

DATA = os.environ.get("YUNJU_DATA")


def test_a_title_is_read_with_its_products():
    pairs = [
        ("厨", "O"),
        ("帽", "B-HCCX"),
        ("子", "I-HCCX"),
        ("袜", "B-HCCX"),
        ("北", "B-MISC"),
        ("裤", "I-HCCX"),
    ]
    assert recall.marked(pairs) == recall.Marked("厨帽子袜北裤", ("帽子", "袜", "裤"))


def test_recall_counts_what_is_found_and_what_is_first():
    titles = [recall.Marked("a", ("x", "y")), recall.Marked("b", ("x",)), recall.Marked("c", ())]
    order = {"x": [*range(5, 25), 0], "y": [0]}
    told = recall.measure(titles, lambda words: order[words])
    assert (told.titles, told.searched, told.found, told.found_first, told.rare) == (3, 3, 2, 1, 1)
    assert told.missed == (("x", "b"),)


def written(folder: Path, text: str) -> None:
    with gzip.open(folder / "taobao_ner_x.conll.gz", "wb") as file:
        file.write(text.encode())


def test_the_command_measures_and_leaves_nothing(db_app, tmp_path, capsys):
    written(tmp_path, "茶 B-HCCX\r\n杯 I-HCCX\r\n红 O\r\n\r\n竹 O\r\n篮 B-HCCX\r\n\r\n")
    before = Cluster.objects.count(), Offer.objects.count()
    assert main(["search", "recall", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "titles: 2\n" in told
    assert "find their own title: 2 (100.00 %)" in told
    assert (Cluster.objects.count(), Offer.objects.count()) == before
    assert main(["search", "recall", str(tmp_path / "nowhere")]) == 1


@pytest.mark.data
@pytest.mark.skipif(not DATA, reason="YUNJU_DATA names no folder of real input")
def test_real_products_find_their_own_titles(db_app):
    titles = recall.read(Path(DATA) / "zh")
    assert len(titles) == 6_998
    told = search.measured(titles[:1_000])
    assert told.found / told.searched > 0.99
    assert told.found_first <= told.found
