"""The exports that are understood, as data: what each calls a column, and how its rows make products.

Words are compared without case, width, spaces, asterisks and remarks in brackets that say what must be filled in. The
exports of 有赞, 微店 and 1688 differ by the seller's plan and year: their names here are gathered, not copied from one file.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from yunju.catalog import shopify
from yunju.catalog.importing import shapes, taobao
from yunju.catalog.shopify import AS_SHOPIFY, How
from yunju.catalog.shopify_product import Row

_NOISE = re.compile(r"[*＊\s]|[(（](?:必填|选填|非必填|可选|required|optional)[)）]", re.IGNORECASE)

_TABLE = {
    "Offer Code": ("平台编号", "offer code"),
    "Handle": ("商家编码", "商品编码", "商品编号", "货号", "款号", "编码", "product code", "code", "item no"),
    "Title": (
        "商品名称",
        "名称",
        "标题",
        "商品标题",
        "品名",
        "产品名称",
        "宝贝名称",
        "title",
        "name",
        "product name",
    ),
    "Body (HTML)": ("商品描述", "描述", "详情", "商品详情", "介绍", "description", "details"),
    "Vendor": ("品牌", "brand"),
    "Type": ("分类", "类目", "商品分类", "商品类目", "category"),
    "Tags": ("标签", "tags"),
    "Status": ("状态", "上架", "上架状态", "是否上架", "status", "listed"),
    "Option1 Name": ("规格名1", "规格1名称", "规格名称1", "option 1 name", "option1 name"),
    "Option1 Value": ("规格值1", "规格1", "option 1", "option 1 value", "option1 value"),
    "Option2 Name": ("规格名2", "规格2名称", "规格名称2", "option 2 name", "option2 name"),
    "Option2 Value": ("规格值2", "规格2", "option 2", "option 2 value", "option2 value"),
    "Option3 Name": ("规格名3", "规格3名称", "规格名称3", "option 3 name", "option3 name"),
    "Option3 Value": ("规格值3", "规格3", "option 3", "option 3 value", "option3 value"),
    "Spec": ("规格", "规格型号", "型号", "款式", "spec", "variant"),
    "Variant SKU": ("规格编码", "sku编码", "sku", "variant code"),
    "Variant Barcode": ("条码", "条形码", "商品条码", "商品条形码", "barcode", "ean"),
    "Variant Grams": ("重量(克)", "重量(g)", "重量", "克重", "weight (g)", "weight"),
    "Weight kg": ("重量(kg)", "重量(千克)", "重量(公斤)", "weight (kg)"),
    "Variant Inventory Qty": ("库存", "数量", "库存数量", "stock", "quantity", "qty"),
    "In Stock": ("是否有货", "有货", "in stock", "in-stock"),
    "Variant Price": ("价格", "售价", "单价", "零售价", "价格(元)", "售价(元)", "price"),
    "Variant Compare At Price": ("划线价", "市场价", "原价", "划线价(元)", "compare at price", "list price"),
    "Image Src": (
        "图片",
        "商品图片",
        "主图",
        "图片地址",
        "图片文件",
        "pictures",
        "picture",
        "images",
        "image",
    ),
}
_TAOBAO = {
    "Title": ("title", "宝贝名称"),
    "Variant Price": ("price", "宝贝价格"),
    "Variant Inventory Qty": ("num", "宝贝数量"),
    "Body (HTML)": ("description", "宝贝描述"),
    "Image Src": ("picture", "新图片"),
    "Handle": ("outer_id", "商家编码"),
    "Number": ("num_id", "数字id"),
    "Sku Props": ("skuprops", "销售属性组合"),
    "Prop Alias": ("propalias", "销售属性别名"),
    "Custom Values": ("input_custom_cpv", "自定义属性值"),
    "Variant Barcode": ("barcode", "商品条形码"),
    "Weight kg": ("item_weight", "物流重量"),
}
_YOUZAN = {
    "Number": ("商品id",),
    "Handle": ("商品编码", "商品货号"),
    "Title": ("商品名称", "商品标题"),
    "Body (HTML)": ("商品描述", "商品详情"),
    "Type": ("商品分组", "商品类目"),
    "Spec": ("规格", "商品规格", "规格名称"),
    "Variant SKU": ("规格编码", "商品规格编码"),
    "Variant Barcode": ("规格条码", "商品条码"),
    "Variant Price": ("价格", "售价", "商品价格", "价格(元)", "销售价"),
    "Variant Compare At Price": ("划线价", "划线价(元)"),
    "Variant Inventory Qty": ("库存", "商品库存"),
    "Weight kg": ("重量(kg)", "商品重量(kg)"),
    "Status": ("商品状态", "售卖状态"),
    "Image Src": ("商品图片", "商品主图", "商品图"),
}
_WEIDIAN = {
    "Number": ("商品id", "商品编号"),
    "Handle": ("商品编码", "商家编码"),
    "Title": ("商品标题", "商品名称"),
    "Body (HTML)": ("商品描述", "商品详情"),
    "Type": ("商品分类", "店铺分类"),
    "Spec": ("型号", "商品型号", "型号名称"),
    "Variant SKU": ("型号编码", "sku编码"),
    "Variant Price": ("价格", "商品价格", "型号价格", "价格(元)"),
    "Variant Inventory Qty": ("库存", "商品库存", "型号库存"),
    "Status": ("商品状态", "状态"),
    "Image Src": ("商品图片", "商品主图", "图片链接"),
}
_ALI1688 = {
    "Number": ("产品id", "商品id", "offerid", "信息id"),
    "Handle": ("货号", "产品货号"),
    "Title": ("产品标题", "产品名称", "信息标题", "商品标题"),
    "Body (HTML)": ("产品详情", "详细说明", "产品描述"),
    "Type": ("叶子类目", "产品类目", "类目名称"),
    "Vendor": ("品牌",),
    "Spec": ("sku规格", "规格属性", "产品规格"),
    "Variant SKU": ("单品货号", "sku货号", "sku编码"),
    "Variant Price": ("单价", "单价(元)", "产品单价", "价格(元)"),
    "Variant Compare At Price": ("建议零售价", "建议零售价(元)"),
    "Variant Inventory Qty": ("可售数量", "可售数量(库存)", "库存数量"),
    "Weight kg": ("单件重量(kg)", "产品重量(kg)"),
    "Status": ("产品状态", "上架状态"),
    "Image Src": ("产品主图", "产品图片", "主图链接"),
}
_JD_ORDER = (
    ("Handle", "sku"),
    ("Title", "title"),
    ("Variant Price", "price"),
    ("In Stock", "in-stock"),
    ("Vendor", "shop"),
)


@dataclass(frozen=True)
class Format:
    """One kind of file. `order`: the columns of a file without a header, and what they are called."""

    code: str
    columns: Mapping[str, Sequence[str]]
    how: How
    required: tuple[str, ...] = ("Title", "Variant Price")
    order: tuple[tuple[str, str], ...] = ()
    by_name: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        found = {normal(name): column for column, names in self.columns.items() for name in names}
        object.__setattr__(self, "by_name", found)


def normal(name: str) -> str:
    """A head as it is compared."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return _NOISE.sub("", folded.replace("﻿", ""))


def _key(*columns: str, inherits: bool = True) -> How:
    def key(row: Row) -> str:
        if row["Offer Code"]:
            return f"@{row['Offer Code']}"
        return shapes.first_of(row, columns)

    return How(key=key, inherits=inherits, shape=shapes.shaped)


def _taobao_key(row: Row) -> str:
    """By its number there, which sellers cannot give twice as they do with codes; what was never put up there has none."""
    number = row["Number"] if row["Number"] != "0" else ""
    return number or shapes.first_of(row, ("Handle", "Title"))


SHOPIFY = Format("shopify", shopify.COLUMNS, AS_SHOPIFY, shopify.REQUIRED)
TABLE = Format("table", _TABLE, _key("Handle", "Title"))
TAOBAO = Format("taobao", _TAOBAO, How(key=_taobao_key, shape=taobao.as_rows, is_row=True))
YOUZAN = Format("youzan", _YOUZAN, _key("Number", "Handle", "Title"))
WEIDIAN = Format("weidian", _WEIDIAN, _key("Number", "Handle", "Title"))
ALI1688 = Format("1688", _ALI1688, _key("Number", "Handle", "Title"))
JD = Format("jd", {}, _key("Handle", inherits=False), order=_JD_ORDER)

IMPLIED = {
    "Spec": ("Option1 Name",),
    "Sku Props": ("Option1 Name", "Variant SKU", "Variant Inventory Qty"),
    "In Stock": ("Variant Inventory Qty",),
    "Weight kg": ("Variant Grams",),
}
"""A column of a file -> what else it says."""

FORMATS = {one.code: one for one in (SHOPIFY, TAOBAO, YOUZAN, WEIDIAN, ALI1688, TABLE, JD)}
"""In the order in which equally good guesses win."""

CHOICES = (
    "Offer Code",
    "Handle",
    "Title",
    "Variant Price",
    "Variant Inventory Qty",
    "In Stock",
    "Spec",
    "Option1 Name",
    "Option1 Value",
    "Option2 Name",
    "Option2 Value",
    "Option3 Name",
    "Option3 Value",
    "Variant SKU",
    "Variant Barcode",
    "Variant Compare At Price",
    "Variant Grams",
    "Weight kg",
    "Image Src",
    "Body (HTML)",
    "Vendor",
    "Type",
    "Tags",
    "Status",
)
"""What a person may say that a column is."""
