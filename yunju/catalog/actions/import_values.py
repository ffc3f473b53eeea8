"""What an import writes into which field, from which column; shared by what makes offers and what changes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from yunju.catalog.models import Category, Offer, Picture, Variant
from yunju.catalog.report import Remark, Tally
from yunju.catalog.shopify_product import Product, ShopVariant
from yunju.catalog.terms import Fees, Terms
from yunju.catalog.text import folded
from yunju.kernel.actor import Actor
from yunju.members.models import Member

OFFER_COLUMNS = {
    "title": "Title",
    "body_html": "Body (HTML)",
    "brand": "Vendor",
    "tags": "Tags",
    "category_id": "Type",
    "option_names": "Option1 Name",
}
VARIANT_COLUMNS = {
    "sku": "Variant SKU",
    "barcode": "Variant Barcode",
    "price_minor": "Variant Price",
    "compare_at_minor": "Variant Compare At Price",
    "weight_g": "Variant Grams",
    "picture_id": "Variant Image",
}
"""Field -> the column it comes from. A column that the file has not says nothing: the field stays as it is."""


@dataclass(frozen=True, slots=True)
class Job:
    """What stays the same for all chunks of an import."""

    run_id: int
    supplier: Member
    by: Actor
    shop: Terms
    fees: Sequence[Fees]
    categories: Mapping[str, Category]
    sets_stock: bool
    format: str = "shopify"
    pictures: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Product and content of a picture that came along -> the file it was written to: each offer has files of its own."""

    @property
    def key(self) -> str:
        """What stands before a product's own name in the key of its offer."""
        return f"{self.format}:"


Was = dict[str, Any]
"""Field -> what it was and what it became."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was done to an offer, so that it can be undone."""

    offer_id: int
    is_new: bool
    was: Was = field(default_factory=dict)


@dataclass
class Draft:
    """A product on its way: its counts and remarks hold only when it was written, or when it was refused by a rule."""

    product: Product
    tally: Tally = field(default_factory=Tally)
    remarks: list[Remark] = field(default_factory=list)
    refusal: Remark | None = None
    change: "Done | None" = None

    def note(self, code: str, row: int, **params: str | int) -> None:
        self.remarks.append(Remark(code, row, fault=False, params=dict(params)))

    def fresh(self) -> "Draft":
        """The same product with nothing done yet."""
        return Draft(self.product)


def offer_values(draft: Draft, job: Job) -> dict[str, object]:
    """The offer's fields as the file has them. A type that is no category of the cluster is kept as a tag."""
    product = draft.product
    category = job.categories.get(folded(product.type)) if product.type else None
    tags = list(product.tags)
    if product.type and category is None:
        draft.note("import.category_unknown", product.row, type=product.type)
        tags += [product.type] if product.type not in tags else []
    return {
        "title": product.title,
        "body_html": product.body_html,
        "brand": product.brand,
        "tags": tags,
        "category_id": category.pk if category else None,
        "option_names": list(product.option_names),
    }


def variant_title(one: ShopVariant) -> str:
    return " / ".join(one.options)[:200]


def new_variant(offer: Offer, one: ShopVariant, position: int, pictures: Mapping[str, Picture]) -> Variant:
    return Variant(
        cluster_id=offer.cluster_id,
        offer=offer,
        title=variant_title(one),
        options=list(one.options),
        position=position,
        **variant_values(one, pictures),
    )


def new_pictures(offer: Offer, product: Product, known: Mapping[str, Picture], job: Job) -> list[Picture]:
    """The pictures of the product that the offer has not. Those that came along have a file; an address is kept, not
    fetched."""
    return [
        Picture(
            offer=offer,
            source_url=one.url,
            file=job.pictures.get((product.handle, one.url), ""),
            alt=one.alt,
            position=one.position,
        )
        for one in product.pictures
        if one.url not in known
    ]


def variant_values(one: ShopVariant, pictures: Mapping[str, Picture]) -> dict[str, object]:
    picture = pictures.get(one.picture_url)
    return {
        "sku": one.sku,
        "barcode": one.barcode,
        "price_minor": one.price_minor,
        "compare_at_minor": one.compare_at_minor,
        "weight_g": one.weight_g,
        "picture_id": picture.pk if picture else None,
    }


def differing(
    row: Offer | Variant | Picture,
    values: Mapping[str, object],
    columns: Mapping[str, str],
    present: frozenset[str],
) -> Was:
    """Set the fields whose column the file has and whose value differs; returns what they were and are."""
    changed: Was = {}
    for name, value in values.items():
        if columns[name] in present and getattr(row, name) != value:
            changed[name] = [getattr(row, name), value]
            setattr(row, name, value)
    return changed
