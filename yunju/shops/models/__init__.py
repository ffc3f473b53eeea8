"""Shops and their picks, share codes and attribution; how often they were looked at; what was posted."""

from yunju.shops.models.looks import ShopDay, ShopVisitor, ViewCount
from yunju.shops.models.posts import MaterialPost
from yunju.shops.models.shops import CarriedAttribution, Listing, ShareCode, Shop, ShopEvent

__all__ = [
    "CarriedAttribution",
    "Listing",
    "MaterialPost",
    "ShareCode",
    "Shop",
    "ShopDay",
    "ShopEvent",
    "ShopVisitor",
    "ViewCount",
]
