"""Small product files for tests, written as Shopify and Excel write them."""

import csv
import io

HEADER = (
    "Handle",
    "Title",
    "Body (HTML)",
    "Vendor",
    "Type",
    "Tags",
    "Published",
    "Option1 Name",
    "Option1 Value",
    "Option2 Name",
    "Option2 Value",
    "Variant SKU",
    "Variant Grams",
    "Variant Inventory Tracker",
    "Variant Inventory Qty",
    "Variant Inventory Policy",
    "Variant Price",
    "Variant Compare At Price",
    "Variant Requires Shipping",
    "Variant Barcode",
    "Image Src",
    "Image Position",
    "Image Alt Text",
    "Gift Card",
    "Variant Image",
    "Variant Weight Unit",
    "Status",
    "SEO Title",
)
CUP = {
    "Handle": "cup",
    "Title": "Tea cup 茶杯",
    "Body (HTML)": "<p onclick='x()'>Hand made<script>alert(1)</script></p>",
    "Vendor": "Kiln",
    "Type": "Cups",
    "Tags": "tea, cup, tea",
    "Published": "true",
    "Option1 Name": "Size",
    "Option1 Value": "Small",
    "Variant SKU": "CUP-S",
    "Variant Grams": "226.796185",
    "Variant Inventory Tracker": "shopify",
    "Variant Inventory Qty": "5",
    "Variant Inventory Policy": "deny",
    "Variant Price": "12.30",
    "Variant Compare At Price": "15",
    "Variant Requires Shipping": "TRUE",
    "Variant Barcode": "365275101829",
    "Image Src": "https://pictures.example/1.jpg?v=1",
    "Image Position": "1",
    "Image Alt Text": "A cup",
    "Gift Card": "false",
    "Variant Weight Unit": "oz",
    "Status": "active",
    "SEO Title": "Cup | Shop",
}
LARGE = {
    "Handle": "cup",
    "Option1 Value": "Large",
    "Variant Grams": "300",
    "Variant Inventory Tracker": "shopify",
    "Variant Inventory Qty": "0",
    "Variant Price": "20",
    "Variant Image": "https://pictures.example/1.jpg?v=1",
}
PICTURE = {"Handle": "cup", "Image Src": "https://pictures.example/2.jpg", "Image Position": "2"}
BOWL = {
    "Handle": "bowl",
    "Title": "Bowl",
    "Option1 Name": "Title",
    "Option1 Value": "Default Title",
    "Variant Inventory Tracker": "shopify",
    "Variant Inventory Qty": "7",
    "Variant Price": "9.99",
}
FILE = [CUP, LARGE, PICTURE, BOWL]


def written(rows, *, header=HEADER, ending="\r\n", encoding="utf-8", delimiter=",") -> bytes:
    """The rows (dicts by column) as the bytes of a file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=ending, delimiter=delimiter)
    writer.writerow(header)
    writer.writerows([row.get(column, "") for column in header] for row in rows)
    return text.getvalue().encode(encoding)
