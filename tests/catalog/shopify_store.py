"""A store's whole export in Shopify's format, generated: 340 products with variants, pictures and descriptions, the same each time."""

import csv
import io
import random

from tests.catalog.shopify_files import HEADER

PRODUCTS = 340
BRAND = "雁过工坊"
FAULTY = {17: ("Variant Price", "面议"), 158: ("Variant Inventory Qty", "很多"), 301: ("Option1 Value", "")}
"""Product -> the cell of its first row that is wrong, and how."""

_WHAT = (
    "茶杯",
    "茶壶",
    "花瓶",
    "香插",
    "笔筒",
    "书签",
    "团扇",
    "提篮",
    "围巾",
    "抱枕",
    "Lamp",
    "Notebook",
    "Tray",
)
_HOW = ("青瓷", "白瓷", "粗陶", "竹编", "手织", "木雕", "漆器", "蓝印花布", "Handmade", "Indigo")
_SIZES, _COLOURS = ("小", "中", "大"), ("天青", "月白", "赭石", "墨黑")


def rows(products: int = PRODUCTS, *, faulty: bool = True) -> list[dict[str, str]]:
    """All rows in the order of the file; the row of a spreadsheet is the place in it + 2."""
    chance = random.Random(340)
    found: list[dict[str, str]] = []
    for number in range(1, products + 1):
        made = _product(number, chance)
        if faulty and number in FAULTY:
            column, value = FAULTY[number]
            made[0][column] = value
        found += made
    return found


def _product(number: int, chance: random.Random) -> list[dict[str, str]]:
    handle = f"yan-{number:03}"
    sizes = _SIZES[: chance.randint(1, 3)]
    colours = _COLOURS[: chance.randint(1, 2)]
    pairs = [(size, colour) for size in sizes for colour in colours]
    made = [_variant(handle, place, pair, chance) for place, pair in enumerate(pairs, start=1)]
    title = f"{chance.choice(_HOW)}{chance.choice(_WHAT)} {number:03}"
    made[0] |= {
        "Title": title,
        "Body (HTML)": f"<p>{title}，一件一件做的。</p><ul><li>手工</li><li>产地：徽州, Anhui</li></ul>",
        "Vendor": BRAND,
        "Type": "Handicraft",
        "Tags": "手作, 礼物, new",
        "Published": "true",
        "Option1 Name": "尺寸",
        "Option2 Name": "颜色",
        "Image Src": f"https://cdn.shop.example/{handle}-1.jpg",
        "Image Position": "1",
        "Image Alt Text": title,
        "Gift Card": "false",
        "Status": "active",
        "SEO Title": f"{title} | {BRAND}",
    }
    for place in range(2, chance.randint(2, 4)):
        picture = {
            "Image Src": f"https://cdn.shop.example/{handle}-{place}.jpg",
            "Image Position": str(place),
        }
        made.append({"Handle": handle} | picture)
    return made


def _variant(handle: str, place: int, pair: tuple[str, str], chance: random.Random) -> dict[str, str]:
    price = chance.randint(2_000, 50_000)
    return {
        "Handle": handle,
        "Option1 Value": pair[0],
        "Option2 Value": pair[1],
        "Variant SKU": f"{handle}-{place}",
        "Variant Grams": str(chance.randint(50, 3_000)),
        "Variant Inventory Tracker": "shopify",
        "Variant Inventory Qty": str(chance.randint(0, 80)),
        "Variant Inventory Policy": "deny",
        "Variant Price": f"{price // 100}.{price % 100:02}",
        "Variant Requires Shipping": "true",
        "Variant Weight Unit": "g",
    }


def export(*, faulty: bool = True) -> bytes:
    """As Shopify writes it: UTF-8, commas, LF."""
    text = io.StringIO()
    writer = csv.DictWriter(text, HEADER, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows(faulty=faulty))
    return text.getvalue().encode()


def faulty_rows() -> dict[int, str]:
    """Row of the spreadsheet -> the column at fault."""
    found: dict[int, str] = {}
    for place, row in enumerate(rows(), start=2):
        number = int(row["Handle"][4:])
        column, value = FAULTY.get(number, ("", ""))
        if column and row.get("Title") and row.get(column, "") == value:
            found[place] = column
    return found
