"""Changing shops. Each function is one transaction: policy, lock, change, event row."""

from yunju.shops.actions.attributions import forget_attribution, remember
from yunju.shops.actions.listings import (
    MOST_LISTINGS,
    ListingChange,
    drop,
    edit_listing,
    pick,
    pick_many,
    place_listing,
    raise_listing,
    reorder,
    restore,
)
from yunju.shops.actions.posts import mark_posted, unmark_posted
from yunju.shops.actions.share_codes import end_share_code, make_share_code
from yunju.shops.actions.shops import close_shop, edit_shop, open_shop

__all__ = [
    "MOST_LISTINGS",
    "ListingChange",
    "close_shop",
    "drop",
    "edit_listing",
    "edit_shop",
    "end_share_code",
    "forget_attribution",
    "make_share_code",
    "mark_posted",
    "open_shop",
    "pick",
    "pick_many",
    "place_listing",
    "raise_listing",
    "remember",
    "reorder",
    "restore",
    "unmark_posted",
]
