"""A file read as its layout says: products with the pictures that came along, in the order of the file."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from yunju.catalog import shopify
from yunju.catalog.csvfile import Record
from yunju.catalog.importing.formats import SHOPIFY
from yunju.catalog.importing.layout import Layout
from yunju.catalog.importing.pictures import Library
from yunju.catalog.report import Remark
from yunju.catalog.shopify import Parsed
from yunju.catalog.shopify_product import Product, ShopPicture


@dataclass(frozen=True)
class Reading:
    """`lists`: what a person said of the shelf, for files that say nothing of it."""

    layout: Layout
    currency: str
    lists: bool = True
    album: Library | None = None

    def products(self, records: Iterable[Record]) -> Iterator[Parsed]:
        """From the rows below the heads."""
        kind, header = self.layout.format, self.layout.header
        for parsed in shopify.products(records, header, self.currency, kind.how):
            yield parsed if parsed.product is None else self._finished(parsed, parsed.product)

    def _finished(self, parsed: Parsed, product: Product) -> Parsed:
        if self.layout.format is not SHOPIFY and not product.says_listed and not self.lists:
            product = replace(product, listed=False)
        if any(
            variant.sku for variant in product.variants
        ):  # a product of one variant is known by its own code
            product = replace(product, present=product.present | {"Variant SKU"})
        return self._with_pictures(replace(parsed, product=product), product)

    def _with_pictures(self, parsed: Parsed, product: Product) -> Parsed:
        came, asked = self.album, parsed.pictures
        missing = [name for name in asked.names if came is None or not came.knows(name)]
        remarks = [
            Remark("import.picture_missing", product.row, fault=False, params={"name": name[:80]})
            for name in dict.fromkeys(missing)
        ]
        found = came.of(asked.codes, asked.names, asked.rows) if came is not None else []
        first = len(product.pictures) + 1
        pictures = [
            ShopPicture(product.row, one.url, "", place) for place, one in enumerate(found, start=first)
        ]
        whole = replace(product, pictures=(*product.pictures, *pictures))
        if pictures:
            whole = replace(whole, present=whole.present | {"Image Src", "Image Position"})
        return replace(parsed, product=whole, remarks=(*parsed.remarks, *remarks))
