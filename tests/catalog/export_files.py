"""Product files of other shops, made by hand in the form in which those shops export: see docs/import.md on how sure each is."""

import csv
import io

import xlsxwriter

TAOBAO_FIELDS = [
    "title",
    "cid",
    "seller_cids",
    "stuff_status",
    "location_state",
    "location_city",
    "item_type",
    "price",
    "auction_increment",
    "num",
    "valid_thru",
    "freight_payer",
    "post_fee",
    "ems_fee",
    "express_fee",
    "has_invoice",
    "has_warranty",
    "approve_status",
    "has_showcase",
    "list_time",
    "description",
    "cateProps",
    "postage_id",
    "has_discount",
    "modified",
    "upload_fail_msg",
    "picture_status",
    "auction_point",
    "picture",
    "video",
    "skuProps",
    "inputPids",
    "inputValues",
    "outer_id",
    "propAlias",
    "auto_fill",
    "num_id",
    "local_cid",
    "navigation_type",
    "user_name",
    "syncStatus",
    "is_lighting_consigment",
    "is_xinpin",
    "foodparame",
    "features",
    "buyareatype",
    "global_stock_type",
    "global_stock_country",
    "sub_stock_type",
    "item_size",
    "item_weight",
    "sell_promise",
    "custom_design_flag",
    "wireless_desc",
    "barcode",
    "sku_barcode",
    "newprepay",
    "subtitle",
    "cpv_memo",
    "input_custom_cpv",
    "qualification",
    "add_qualification",
    "o2o_bind_service",
]
TAOBAO_NAMES = [
    "宝贝名称",
    "宝贝类目",
    "店铺类目",
    "新旧程度",
    "省",
    "城市",
    "出售方式",
    "宝贝价格",
    "加价幅度",
    "宝贝数量",
    "有效期",
    "运费承担",
    "平邮",
    "EMS",
    "快递",
    "发票",
    "保修",
    "放入仓库",
    "橱窗推荐",
    "开始时间",
    "宝贝描述",
    "宝贝属性",
    "邮费模版ID",
    "会员打折",
    "修改时间",
    "上传状态",
    "图片状态",
    "返点比例",
    "新图片",
    "视频",
    "销售属性组合",
    "用户输入ID串",
    "用户输入名-值对",
    "商家编码",
    "销售属性别名",
    "代充类型",
    "数字ID",
    "本地ID",
    "宝贝分类",
    "用户名称",
    "宝贝状态",
    "闪电发货",
    "新品",
    "食品专项",
    "尺码库",
    "采购地",
    "库存类型",
    "国家地区",
    "库存计数",
    "物流体积",
    "物流重量",
    "退换货承诺",
    "定制工具",
    "无线详情",
    "商品条形码",
    "sku_条形码",
    "7天退货",
    "宝贝卖点",
    "属性值备注",
    "自定义属性值",
    "商品资质",
    "增加商品资质",
    "关联线下服务",
]
SCARF = {
    "title": "手织羊毛围巾 秋冬加厚",
    "cid": "50007003",
    "stuff_status": "1",
    "price": "129.00",
    "num": "15",
    "description": '<p>手织<img src="https://img.alicdn.com/a.jpg"></p>',
    "picture": "6c5d0f1b2a:1:0:|https://img.alicdn.com/bao/scarf.jpg;9e8d7c6b5a:1:1:|;",
    "skuProps": "129.00:10:WJ-01-R:1627207:28326;20509:28383;139.00:5:WJ-01-B:1627207:-1001;20509:28383;",
    "outer_id": "WJ-01",
    "propAlias": "1627207:28326:枣红;20509:28383:均码;",
    "input_custom_cpv": "1627207:-1001:雾霾蓝;",
    "num_id": "612345678901",
    "item_weight": "0.35",
}
TEA = {
    "title": "六安瓜片 2026 新茶 250g",
    "price": "88.00",
    "num": "40",
    "outer_id": "CHA-250",
    "num_id": "0",
    "barcode": "6901234567892",
}
NAMELESS = {
    "title": "竹编收纳篮",
    "price": "36.00",
    "num": "9",
    "skuProps": "36.00:4:ZB-S:1627207:3232483;42.00:5:ZB-L:1627207:3232484;",
    "num_id": "612345678902",
}


def taobao(*products: dict[str, str], encoding: str = "utf-16") -> bytes:
    """淘宝助理: a version, the fields in English, their names in Chinese, tabs; UTF-16 with its mark."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t", lineterminator="\r\n")
    text.write("version 1.00\r\n")
    writer.writerow(TAOBAO_FIELDS)
    writer.writerow(TAOBAO_NAMES)
    writer.writerows([one.get(field, "") for field in TAOBAO_FIELDS] for one in products)
    return text.getvalue().encode(encoding)


def table(*rows: tuple[object, ...], encoding: str = "utf-8-sig", delimiter: str = ",") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode(encoding)


def book(*rows: tuple[object, ...], **options: object) -> bytes:
    """A workbook of one sheet; numbers are numbers, as people type them."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, **options}) as made:
        sheet = made.add_worksheet("商品")
        for number, row in enumerate(rows):
            for place, value in enumerate(row):
                if value is not None and value != "":
                    sheet.write(number, place, value)
    return buffer.getvalue()


YOUZAN = (
    (
        "商品ID",
        "商品名称",
        "商品编码",
        "商品分组",
        "规格",
        "规格编码",
        "价格",
        "划线价",
        "库存",
        "商品状态",
        "重量(kg)",
        "商品图片",
    ),
    (
        "1001",
        "青瓷茶杯",
        "QC-1",
        "茶器",
        "颜色:天青;容量:120ml",
        "QC-1-A",
        "68.00",
        "88.00",
        "12",
        "出售中",
        "0.35",
        "https://img.yzcdn.cn/a.jpg",
    ),
    (
        "1001",
        "青瓷茶杯",
        "QC-1",
        "茶器",
        "容量:200ml;颜色:月白",
        "QC-1-B",
        "72.00",
        "",
        "0",
        "出售中",
        "0.4",
        "",
    ),
    ("1002", "竹刻书签", "ZK-2", "文具", "", "", "19.90", "", "300", "仓库中", "0.02", ""),
)
WEIDIAN = (
    (
        "商品ID",
        "商品标题",
        "商品编码",
        "型号",
        "型号编码",
        "型号价格",
        "型号库存",
        "商品分类",
        "商品图片",
        "状态",
    ),
    (
        "2233",
        "手工皮夹",
        "PJ",
        "棕色",
        "PJ-Z",
        "199",
        "8",
        "皮具",
        "https://si.geilicdn.com/1.jpg;https://si.geilicdn.com/2.jpg",
        "上架",
    ),
    ("2233", "手工皮夹", "PJ", "黑色", "PJ-H", "199", "3", "皮具", "", "上架"),
)
ALI1688 = (
    (
        "产品ID",
        "产品标题",
        "货号",
        "叶子类目",
        "SKU规格",
        "单品货号",
        "单价(元)",
        "可售数量",
        "单件重量(kg)",
        "产品状态",
    ),
    (
        "6543210987",
        "棉麻抱枕套 批发",
        "BZ-7",
        "抱枕",
        "颜色:米白;尺寸:45*45cm",
        "BZ-7-M",
        "12.50",
        "1500",
        "0.2",
        "已上架",
    ),
    (
        "6543210987",
        "棉麻抱枕套 批发",
        "BZ-7",
        "抱枕",
        "颜色:墨绿;尺寸:45*45cm",
        "BZ-7-L",
        "12.50",
        "900",
        "0.2",
        "已上架",
    ),
)
