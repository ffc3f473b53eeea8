"""What cannot be read is refused before anything is written: one sentence with file and line, exit code 2."""

import gzip

import pytest

from tests.replay.recorded import ORDERS, write
from yunju.members.models import Cluster, Member

FAULTS = {
    "a file is missing": ("order_items.csv", None, "", "has neither order_items.csv.gz nor order_items.csv"),
    "a column is missing": (
        "order_items.csv",
        "freight_value",
        "freight",
        "order_items.csv: the column freight_value is missing",
    ),
    "a number is none": ("order_items.csv", "100.00", "1OO.00", "order_items.csv, line 2: price is '1OO.00'"),
    "a number with a comma": ("order_items.csv", "100.00", '"100,00"', "line 2: price is '100,00', expected an amount"),
    "three decimals": ("order_payments.csv", "110.00", "110.001", "order_payments.csv, line 2: payment_value"),
    "not a number": ("order_payments.csv", "110.00", "NaN", "payment_value is 'NaN'"),
    "a negative freight": ("order_items.csv", "10.00", "-10.00", "line 2: freight_value is '-10.00'"),
    "a price of nothing": ("order_items.csv", "100.00", "0.00", "line 2: price is '0.00', expected an amount of at least"),
    "a date is none": ("orders.csv", "2017-10-14 10:00:00", "2017-02-30 10:00:00", "orders.csv, line 2"),
    "no date of purchase": ("orders.csv", "2017-10-14 10:00:00", "", "order_purchase_timestamp is ''"),
    "an unknown status": ("orders.csv", "of-plain,delivered", "of-plain,eaten", "order_status is 'eaten', expected one of approved"),
    "an order twice": ("orders.csv", "two-sellers,", "plain,", "line 3: order_id is 'plain', expected each order once"),
    "an unknown customer": ("orders.csv", "of-plain", "of-nobody", "line 2: customer_id is 'of-nobody'"),
    "an item twice": ("order_items.csv", "two-sellers,2", "two-sellers,1", "line 4: order_item_id is '1'"),
    "two prices at once": ("order_items.csv", "two-sellers,2,lamp,ana,,100.00", "two-sellers,2,lamp,ana,,99.00", "line 4: price is '99.00', expected one price"),
    "a payment twice": ("order_payments.csv", "two-sellers,2", "two-sellers,1", "payment_sequential is '1'"),
    "a seller nobody knows": ("sellers.csv", "ana,", "anna,", "Seller ana sold something"),
    "a zip code with a letter": ("customers.csv", "4571", "4S71", "customer_zip_code_prefix is '4S71'"),
    "a city too long": ("customers.csv", "sao paulo", "s" * 41, "customer_city"),
    "a weight of half a gram": ("products.csv", "600.0", "600.5", "products.csv, line 2: product_weight_g"),
    "a row too short": ("orders.csv", "of-plain,", "", "orders.csv, line 2: 7 cells, expected 8"),
    "a quote not closed": ("sellers.csv", "ana", '"ana', "sellers.csv cannot be read"),
    "not UTF-8": ("customers.csv", "sao paulo", b"s\xe3o paulo", "customers.csv cannot be read"),
    "nothing in it": ("orders.csv", ..., "", "orders.csv: the column order_id is missing"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_it_is_refused_with_file_and_line(run, tmp_path, name):
    file, old, new, sentence = FAULTS[name]
    path = write(tmp_path / "source") / file
    if old is None:
        path.unlink()
    elif old is ...:
        path.write_text("")
    else:
        data, wanted = path.read_bytes(), new if isinstance(new, bytes) else new.encode()
        assert old.encode() in data
        path.write_bytes(data.replace(old.encode(), wanted, 1))
    refused(run, tmp_path / "source", sentence)


def refused(run, folder, sentence):
    before = (Cluster.objects.count(), Member.objects.count())
    told = run(folder)
    assert (told.code, told.named) == (2, {})
    assert sentence in told.errors
    assert told.errors.count("\n") == 1
    assert "Nothing was changed." in told.errors
    assert (Cluster.objects.count(), Member.objects.count()) == before


def test_a_folder_that_is_none(run, tmp_path):
    refused(run, tmp_path / "nowhere", "nowhere is no folder")


def test_no_orders_at_all(run, tmp_path):
    refused(run, write(tmp_path / "empty", []), "has no orders")


def test_a_broken_archive(run, tmp_path):
    folder = write(tmp_path / "zipped", ORDERS, zipped=True)
    whole = (folder / "orders.csv.gz").read_bytes()
    (folder / "orders.csv.gz").write_bytes(whole[: len(whole) // 2])
    refused(run, folder, "orders.csv.gz cannot be read")
    (folder / "orders.csv.gz").write_bytes(b"plain text")
    refused(run, folder, "orders.csv.gz cannot be read")


def test_a_field_without_end(run, tmp_path):
    folder = write(tmp_path / "bomb")
    with gzip.open(folder / "sellers.csv.gz", "wt") as file:
        file.write("seller_id,seller_city,seller_state\n" + "x" * 10**6)
    refused(run, folder, "sellers.csv.gz cannot be read")


@pytest.mark.parametrize(
    "words", [("--limit", "0"), ("--limit", "x"), ("--batch", "1001"), ("--cluster", "UPPER")]
)
def test_an_option_out_of_range(run, tmp_path, capsys, words):
    with pytest.raises(SystemExit, match="2"):
        run(write(tmp_path / "source"), *words)
    assert "expected" in capsys.readouterr().err
