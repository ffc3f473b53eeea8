"""Places of stock in the reader's words."""

import re

from django.utils.translation import gettext as _

from yunju.members.models import Member


def shown(name: str, supplier: Member) -> str:
    """The name of a place. One that `first_place` made bears the supplier's code, which tells nobody anything."""
    made = re.fullmatch(rf".* {re.escape(supplier.code[:4])}( \d+)?", name)
    return f"{_('Default place')}{made[1] or ''}" if made else name
