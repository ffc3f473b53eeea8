"""Pictures that came along with an import: written anew before the transaction of their chunk, taken away if it fails.

A picture that the supplier's offers already have (by its content) is not worked on again; a dry run looks at each and
keeps none.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import Q

from yunju.catalog.actions.import_values import Job
from yunju.catalog.importing.pictures import SCHEME, Library
from yunju.catalog.models import Picture
from yunju.catalog.report import Remark
from yunju.catalog.shopify import Parsed
from yunju.catalog.shopify_product import Product
from yunju.kernel.errors import Invalid
from yunju.kernel.ids import public_code
from yunju.kernel.pictures import rewritten

Wanted = tuple[str, str]
"""A product and the content of a picture."""


@contextmanager
def brought(
    parsed: Sequence[Parsed], job: Job, library: Library | None, *, dry: bool
) -> Iterator[tuple[list[Parsed], dict[Wanted, str]]]:
    """The products without the pictures that are none, and what was written where. What no offer has taken when the block
    ends is removed."""
    if library is None or library.is_empty:
        yield list(parsed), {}
        return
    known = _known([one.product for one in parsed if one.product], job)
    written: dict[Wanted, str] = {}
    try:
        bad = _write([one for one in _wanted(parsed) if one not in known], library, written, dry=dry)
        yield [_without(one, bad) for one in parsed], written
    finally:
        _clear(written)


def _wanted(parsed: Sequence[Parsed]) -> list[Wanted]:
    return [
        (one.handle, picture.url)
        for one in parsed
        if one.product
        for picture in one.product.pictures
        if picture.url.startswith(SCHEME)
    ]


def _known(products: Sequence[Product], job: Job) -> set[Wanted]:
    by_key = {job.key + one.handle: one.handle for one in products}
    by_code = {one.offer_code: one.handle for one in products if one.offer_code}
    rows = (
        Picture.objects.filter(offer__supplier=job.supplier, source_url__startswith=SCHEME)
        .filter(Q(offer__import_key__in=by_key) | Q(offer__code__in=by_code))
        .values_list("offer__import_key", "offer__code", "source_url")
    )
    return {(by_code.get(code) or by_key.get(key, ""), url) for key, code, url in rows}


def _write(
    wanted: Sequence[Wanted], library: Library, written: dict[Wanted, str], *, dry: bool
) -> dict[str, Invalid]:
    bad: dict[str, Invalid] = {}
    for one in dict.fromkeys(wanted):
        try:
            content = rewritten(io.BytesIO(library.content(one[1])))
        except Invalid as refusal:
            bad[one[1]] = refusal
            continue
        if not dry:
            written[one] = default_storage.save(f"offers/{public_code()}.webp", ContentFile(content))
    return bad


def _without(parsed: Parsed, bad: dict[str, Invalid]) -> Parsed:
    product = parsed.product
    if product is None or not any(one.url in bad for one in product.pictures):
        return parsed
    told = [
        Remark(bad[one.url].code, product.row, fault=False, params=bad[one.url].params)
        for one in product.pictures
        if one.url in bad
    ]
    kept = replace(product, pictures=tuple(one for one in product.pictures if one.url not in bad))
    return replace(parsed, product=kept, remarks=(*parsed.remarks, *told))


def _clear(written: dict[Wanted, str]) -> None:
    """Files that no row names: their product was refused, or their chunk was taken back."""
    used = set(Picture.objects.filter(file__in=written.values()).values_list("file", flat=True))
    for name in written.values():
        if name not in used:
            default_storage.delete(name)
