"""Rows of many origins said in the words of one: options out of one cell, several pictures, kilograms, yes and no."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from yunju.catalog.shopify_product import Row

MOST_PICTURES_OF_ROW = 50
_SEPARATORS = re.compile(r"[;；\n]|(?<=[^\d])[,，](?=[^\d])|[|]")
_TAGS = re.compile(r"[,，、;；|\n]")
_PICTURES = re.compile(r"[\s;；|，]+|,(?=https?:)|,(?![^ ]*://)")
_KILOGRAMS = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)\s*(?:kg|千克|公斤)?", re.ASCII | re.IGNORECASE)
_GRAMS = re.compile(r"(\d{1,9}(?:\.\d{1,12})?)\s*(?:g|克)?", re.ASCII | re.IGNORECASE)
_MONEY = re.compile(r"^[¥￥]\s*|\s*元$")
_LISTED = dict.fromkeys(
    (
        "上架",
        "已上架",
        "出售中",
        "销售中",
        "在售",
        "在售中",
        "是",
        "true",
        "yes",
        "1",
        "on",
        "listed",
        "active",
    ),
    "active",
) | dict.fromkeys(
    (
        "下架",
        "已下架",
        "仓库中",
        "已售罄",
        "未上架",
        "否",
        "false",
        "no",
        "0",
        "off",
        "草稿",
        "审核中",
        "not listed",
        "draft",
    ),
    "draft",
)
_IN_STOCK = {"true", "yes", "有货", "是", "现货"}
_OUT_OF_STOCK = {"false", "no", "无货", "否", "缺货", "售罄"}


def shaped(rows: Sequence[Row]) -> list[Row]:
    """The rows of a product as most exports write them: one row a variant."""
    names = _option_names(rows)
    found: list[Row] = []
    for number, row in enumerate(rows):
        values = dict(row.values)
        _options(values, names, is_first=number == 0)
        _plain_values(values)
        _stock_flag(values)
        if len(rows) == 1 and not values.get("Variant SKU"):
            values["Variant SKU"] = row["Handle"]
        pictures = _pictures(values)
        renamed = dict(row.names)
        for ours, theirs in (("Option1 Value", "Spec"), ("Variant Inventory Qty", "In Stock")):
            if theirs in row.names:
                renamed.setdefault(ours, row.names[theirs])
        found.append(replace(row, values=values, names=renamed))
        found += [_picture(row, url) for url in pictures]
    return found


def split_spec(text: str) -> list[tuple[str, str]]:
    """`颜色:红;尺码:M` as names and values; a cell without names is one value of a nameless option."""
    parts = [part.strip() for part in _SEPARATORS.split(text) if part.strip()]
    pairs = [tuple(piece.strip() for piece in re.split(r"[:：]", part, maxsplit=1)) for part in parts]
    if pairs and all(len(pair) == 2 and all(pair) and not pair[0].isdigit() for pair in pairs):
        return [(name, value) for name, value in pairs]
    return [("", text.strip())] if text.strip() else []


def _option_names(rows: Sequence[Row]) -> list[str]:
    """The names of the first row that has any: the others are put in their order."""
    for row in rows:
        if pairs := split_spec(row["Spec"]):
            return [name or "规格" for name, _ in pairs]
    return []


def _options(values: dict[str, str], names: Sequence[str], *, is_first: bool) -> None:
    if not names and is_first:
        _name_options(values)
    if not names:
        return
    said = [(name or "规格", value) for name, value in split_spec(values.get("Spec", ""))]
    known = dict(said)
    extra = [value for name, value in said if name not in names]
    ordered = [known.get(name, "") for name in names] + extra
    for n, value in enumerate(ordered[:3], start=1):
        values[f"Option{n} Value"] = value
    for n, name in enumerate(names[:3], start=1):
        values[f"Option{n} Name"] = name
    if len(ordered) > 3:
        values["Option3 Value"] = " / ".join(ordered[2:])
    if len(names) > 3:
        values["Option3 Name"] = " / ".join(names[2:])[:60]


def _name_options(values: dict[str, str]) -> None:
    for n in (1, 2, 3):
        if values.get(f"Option{n} Value") and not values.get(f"Option{n} Name"):
            values[f"Option{n} Name"] = "规格" if n == 1 else f"规格{n}"


def _plain_values(values: dict[str, str]) -> None:
    """What people write around a number or for a yes."""
    for column in ("Variant Price", "Variant Compare At Price"):
        values[column] = _MONEY.sub("", values.get(column, ""))
    if values.get("Tags"):
        values["Tags"] = ",".join(part.strip() for part in _TAGS.split(values["Tags"]))
    status = values.get("Status", "")
    values["Status"] = _LISTED.get(status.casefold(), status)
    if found := _GRAMS.fullmatch(values.get("Variant Grams", "")):
        values["Variant Grams"] = found[1]
    kilograms = values.get("Weight kg", "")
    if kilograms and not values.get("Variant Grams"):
        found = _KILOGRAMS.fullmatch(kilograms)
        values["Variant Grams"] = f"{Decimal(found[1]) * 1000:f}" if found else kilograms


def _stock_flag(values: dict[str, str]) -> None:
    """A yes is no number: nothing is invented. A no is none in stock."""
    flag = values.pop("In Stock", "").casefold()
    if flag in _OUT_OF_STOCK:
        values["Variant Inventory Qty"] = "0"
    elif flag and flag not in _IN_STOCK:
        values["Variant Inventory Qty"] = flag


def _pictures(values: dict[str, str]) -> list[str]:
    """Addresses become rows of their own; file names stay for the pictures that came along."""
    cell = values.pop("Image Src", "")
    parts = [part for part in _PICTURES.split(cell) if part][:MOST_PICTURES_OF_ROW]
    urls = [part for part in parts if "://" in part]
    names = [part for part in parts if "://" not in part]
    values["Image File"] = "\n".join(names)
    return urls


def _picture(row: Row, url: str) -> Row:
    names = dict(row.names)
    return Row(row.number, {"Image Src": url}, names)


def first_of(row: Row, columns: Iterable[str]) -> str:
    return next((row[column] for column in columns if row[column]), "")
