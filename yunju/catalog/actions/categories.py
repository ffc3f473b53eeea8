"""The labels of the shelf, the operator's to set."""

import re
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from yunju.catalog import policy
from yunju.catalog.actions import events, indexing
from yunju.catalog.models import Category
from yunju.catalog.text import one_line
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, NotFound

_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,59}", re.ASCII)


@dataclass(frozen=True, slots=True)
class CategoryFields:
    """A label in both languages; `code` stands in addresses."""

    code: str
    name_zh: str
    name_en: str
    position: int = 0


def make_category(*, fields: CategoryFields, by: Actor) -> Category:
    """Add a label to the shelf."""
    policy.may_set_cluster_rules(by)
    kept = _checked(fields)
    try:
        with transaction.atomic():
            category = Category.objects.create(
                cluster_id=by.cluster_id,
                code=kept.code,
                name_zh=kept.name_zh,
                name_en=kept.name_en,
                position=kept.position,
            )
            events.note([events.Change(0, "category.made", {"category": kept.code})], by)
            return category
    except IntegrityError as error:
        raise Invalid("category.code_taken", field="code", name=kept.code) from error


def edit_category(*, category_id: int, fields: CategoryFields, by: Actor) -> Category:
    """Rename or move a label; its code stays, addresses live on it."""
    policy.may_set_cluster_rules(by)
    kept = _checked(fields)
    with transaction.atomic():
        category = (
            Category.objects.select_for_update(no_key=True)
            .filter(pk=category_id, cluster_id=by.cluster_id)
            .first()
        )
        if category is None:
            raise NotFound("category.unknown")
        if (category.name_zh, category.name_en) != (kept.name_zh, kept.name_en):
            indexing.mark_stale(category_id=category.pk)
        category.name_zh, category.name_en, category.position = kept.name_zh, kept.name_en, kept.position
        category.save(update_fields=["name_zh", "name_en", "position"])
        events.note([events.Change(0, "category.changed", {"category": category.code})], by)
        return category


def _checked(fields: CategoryFields) -> CategoryFields:
    if not _CODE.fullmatch(fields.code):
        raise Invalid("category.code", field="code")
    names = {field: one_line(getattr(fields, field)) for field in ("name_zh", "name_en")}
    for field, name in names.items():
        if not 1 <= len(name) <= 60:
            raise Invalid("category.name", field=field, most=60)
    if not -1_000 <= fields.position <= 1_000:
        raise Invalid("place.position", field="position")
    return CategoryFields(fields.code, names["name_zh"], names["name_en"], fields.position)
