"""What people may type into an offer and a variant: every text bounded, every number in range, HTML made harmless."""

import re
from dataclasses import dataclass, replace

from yunju.catalog.text import clean_html, one_line
from yunju.fulfilment import registry
from yunju.kernel.errors import Invalid
from yunju.kernel.money import MAX_MINOR

MOST_PRICE_MINOR = MAX_MINOR // 1_000
MOST_BODY, MOST_TAGS, MOST_TAG, MOST_OPTIONS, MOST_OPTION = 100_000, 50, 60, 3, 100
MOST_WEIGHT_G, MOST_SIDE_MM, MOST_DAYS = 1_000_000, 100_000, 90


@dataclass(frozen=True, slots=True)
class OfferFields:
    """What a supplier says of an offer. `category` is a code; `option_names` such as 颜色, 尺码."""

    title: str
    body_html: str = ""
    category: str = ""
    brand: str = ""
    tags: tuple[str, ...] = ()
    option_names: tuple[str, ...] = ()
    returnable: bool = True
    after_sale_days: int | None = None
    mode: str = "ship"


@dataclass(frozen=True, slots=True)
class VariantFields:
    """What a supplier says of a variant. `options` are the values for the offer's option names."""

    price_minor: int
    options: tuple[str, ...] = ()
    compare_at_minor: int | None = None
    sku: str = ""
    barcode: str = ""
    weight_g: int = 0
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0


def checked_offer(fields: OfferFields) -> OfferFields:
    """The fields as they are kept, or Invalid with the field at fault."""
    registry.mode(fields.mode)
    title = line(fields.title, "title", 200)
    if not title:
        raise Invalid("offer.title", field="title")
    if len(fields.body_html) > MOST_BODY:
        raise Invalid("offer.too_long", field="body_html", most=MOST_BODY)
    if len(fields.tags) > MOST_TAGS:
        raise Invalid("offer.too_many_tags", field="tags", most=MOST_TAGS)
    days = fields.after_sale_days
    if days is not None and not 0 <= days <= MOST_DAYS:
        raise Invalid("offer.after_sale_days", field="after_sale_days", most=MOST_DAYS)
    return replace(
        fields,
        title=title,
        body_html=clean_html(_storable(fields.body_html)),
        brand=line(fields.brand, "brand", 120),
        tags=_distinct(tuple(line(tag, "tags", MOST_TAG) for tag in fields.tags)),
        option_names=_options(fields.option_names),
    )


def _options(names: tuple[str, ...]) -> tuple[str, ...]:
    kept = tuple(line(name, "option_names", MOST_OPTION) for name in names)
    if len(kept) > MOST_OPTIONS or not all(kept) or len(set(kept)) != len(kept):
        raise Invalid("offer.option_names", field="option_names", most=MOST_OPTIONS)
    return kept


def checked_variant(fields: VariantFields, options: int) -> VariantFields:
    """A variant of an offer that has so many option names."""
    checked_price(fields.price_minor, fields.compare_at_minor)
    values = tuple(line(value, "options", MOST_OPTION) for value in fields.options)
    if len(values) != options or not all(values):
        raise Invalid("variant.options", field="options", count=options)
    _in_range(fields.weight_g, "weight_g", MOST_WEIGHT_G)
    for field in ("length_mm", "width_mm", "height_mm"):
        _in_range(getattr(fields, field), field, MOST_SIDE_MM)
    return replace(
        fields, options=values, sku=line(fields.sku, "sku", 120), barcode=line(fields.barcode, "barcode", 60)
    )


def checked_price(price_minor: int, compare_at_minor: int | None) -> None:
    """At least one minor unit: a gateway takes no payment of nothing. A compared price is above the price."""
    if type(price_minor) is not int or not 1 <= price_minor <= MOST_PRICE_MINOR:
        raise Invalid("price.range", field="price", most_minor=MOST_PRICE_MINOR)
    if compare_at_minor is not None and not price_minor < compare_at_minor <= MOST_PRICE_MINOR:
        raise Invalid("price.compare_at", field="compare_at")


def _in_range(value: int, field: str, most: int) -> None:
    if type(value) is not int or not 0 <= value <= most:
        raise Invalid("variant.measure", field=field, most=most)


def line(text: str, field: str, most: int) -> str:
    """One line of text, storable and no longer than `most`."""
    kept = one_line(_storable(text))
    if len(kept) > most:
        raise Invalid("offer.too_long", field=field, most=most)
    return kept


def _storable(text: str) -> str:
    """PostgreSQL keeps no NUL, and no half of a surrogate pair."""
    return re.sub(r"[\x00\ud800-\udfff]", "", text)


def _distinct(tags: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tag for tag in tags if tag))
