"""淘宝助理: one row a product, its variants in one cell (`price:pieces:code:property:value;property:value;...`).

The file names values by number; their names stand in 销售属性别名 and 自定义属性值 where the seller has given any. A number
without a name is no colour that a buyer could read, so the variant's own code stands in for it, and the report says so.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from yunju.catalog.importing.shapes import shaped
from yunju.catalog.report import Remark
from yunju.catalog.shopify_product import Row

PROPERTIES = {"1627207": "颜色分类", "20509": "尺码", "20549": "鞋码", "122216343": "参考身高"}
MOST_VARIANTS = 600
_PICTURE = re.compile(r"([^;|]*?)(?::\d+)*:?\|([^;]*)")
_NAME = re.compile(r"[0-9A-Za-z_\-.]{1,80}")


@dataclass(frozen=True, slots=True)
class Sku:
    price: str
    count: str
    code: str
    values: tuple[tuple[str, str], ...]


def skus(text: str) -> list[Sku]:
    """The variants of 销售属性组合. Raises ValueError where it is none."""
    found: list[Sku] = []
    for part in (piece for piece in text.split(";") if piece.strip()):
        fields = part.split(":")
        if len(fields) >= 5:
            code = ":".join(fields[2:-2])
            found.append(Sku(fields[0].strip(), fields[1].strip(), code.strip(), ((fields[-2], fields[-1]),)))
        elif len(fields) == 2 and found:
            last = found[-1]
            found[-1] = Sku(last.price, last.count, last.code, (*last.values, (fields[0], fields[1])))
        else:
            raise ValueError(part)
    if len(found) > MOST_VARIANTS:
        raise ValueError("too many")
    return found


def names_of(text: str) -> dict[tuple[str, str], str]:
    """`1627207:28320:月白;...` as (property, value) -> name."""
    found = {}
    for part in text.split(";"):
        fields = part.strip().split(":", 2)
        if len(fields) == 3 and fields[2].strip():
            found[fields[0], fields[1]] = fields[2].strip()
    return found


def pictures(text: str) -> str:
    """新图片 as addresses and names of files, one a line: `name:status:place:|address;`."""
    told = []
    for part in text.split(";"):
        if not part.strip():
            continue
        found = _PICTURE.fullmatch(part.strip())
        name, address = (found[1].strip(), found[2].strip()) if found else (part.strip(), "")
        if address.startswith(("http://", "https://")):
            told.append(address)
        elif name and _NAME.fullmatch(name.split(":")[0]):
            told.append(name.split(":")[0])
    return "\n".join(told)


def as_rows(rows: Sequence[Row]) -> list[Row]:
    return [made for row in rows for made in _product(row)]


def _product(row: Row) -> list[Row]:
    values = dict(row.values)
    # Both are read by _variants: the product's own price and number stand only where there are no variants.
    given = values.pop("Sku Props", "")
    values["Image Src"] = pictures(values.get("Image Src", ""))
    names = dict(row.names)
    head = Row(row.number, values, names, row.faults)
    if not given:
        return shaped([head])
    try:
        found = skus(given)
    except ValueError:
        broken = Remark("import.sku_props", row.number, row.name("Sku Props"), params={"value": given[:60]})
        return shaped([Row(row.number, values, names, (*row.faults, broken))])
    return shaped(_variants(head, found, names_of(row["Prop Alias"]) | names_of(row["Custom Values"])))


def _variants(head: Row, found: Sequence[Sku], names: Mapping[tuple[str, str], str]) -> list[Row]:
    properties = list(dict.fromkeys(key for sku in found for key, _ in sku.values))[:3]
    columns = dict(head.names)
    for n in (1, 2, 3):
        columns[f"Option{n} Value"] = columns[f"Option{n} Name"] = head.name("Sku Props")
    made, nameless = [], False
    for place, sku in enumerate(found):
        values = {"Variant Price": sku.price, "Variant Inventory Qty": sku.count, "Variant SKU": sku.code}
        if place == 0:
            values = head.values | values
        chosen = dict(sku.values)
        for n, key in enumerate(properties, start=1):
            name = names.get((key, chosen.get(key, "")), "")
            nameless |= not name
            values[f"Option{n} Name"] = PROPERTIES.get(key, f"规格{n}")
            values[f"Option{n} Value"] = name or _stand_in(
                sku, chosen.get(key, ""), is_only=len(properties) == 1
            )
        made.append(Row(head.number, values, columns, head.faults if place == 0 else ()))
    if nameless:
        told = Remark("import.values_unnamed", head.number, head.name("Sku Props"), fault=False)
        made[0] = Row(head.number, made[0].values, columns, (*head.faults, told))
    return made


def _stand_in(sku: Sku, value: str, *, is_only: bool) -> str:
    return sku.code if is_only and sku.code else value
