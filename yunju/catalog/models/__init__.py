"""Offers, variants, pictures, places, stock, commission and fee rules, freight rules, imports."""

from yunju.catalog.models.demands import CategoryDemand
from yunju.catalog.models.favourites import Favourite
from yunju.catalog.models.importing import ImportChange, ImportColumns
from yunju.catalog.models.imports import ImportRun, private_files
from yunju.catalog.models.keeping import BulkEdit, Keeping, Presale
from yunju.catalog.models.materials import Material, MaterialPicture
from yunju.catalog.models.sales import Sale, SaleTake
from yunju.catalog.models.search import ShelfEntry
from yunju.catalog.models.shelf import Category, Offer, OfferEvent, Picture, Variant
from yunju.catalog.models.stock import Place, Stock
from yunju.catalog.models.terms import ROLES, CommissionRule, FeeRule, FreightRule, ServiceRole

__all__ = [
    "ROLES",
    "BulkEdit",
    "Category",
    "CategoryDemand",
    "CommissionRule",
    "Favourite",
    "FeeRule",
    "FreightRule",
    "ImportChange",
    "ImportColumns",
    "ImportRun",
    "Keeping",
    "Material",
    "MaterialPicture",
    "Offer",
    "OfferEvent",
    "Picture",
    "Place",
    "Presale",
    "Sale",
    "SaleTake",
    "ServiceRole",
    "ShelfEntry",
    "Stock",
    "Variant",
    "private_files",
]
