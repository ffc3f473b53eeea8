"""Looking without touching: what the book, the orders and all events are to everybody, superusers too."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

HIDDEN = frozenset({"password", "id_cipher", "id_index", "number_cipher", "token_hash"})
"""Columns that no page shows: secrets and what identifies people."""


if TYPE_CHECKING:
    Base = admin.ModelAdmin[Model]
else:
    Base = admin.ModelAdmin


class ReadOnly(Base):
    """Every column to see, none to change. What changes rows is an action with its event row, never a form here."""

    list_per_page = 50
    show_full_result_count = False  # an exact count of a large table is a scan
    list_select_related = True

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - the signature is Django's, here and below
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:  # noqa: ARG002
        """All concrete columns but the hidden ones."""
        return [field.name for field in self.opts.concrete_fields if field.name not in HIDDEN]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:  # noqa: ARG002
        """No bulk deed either."""
        return {}
