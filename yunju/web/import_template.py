"""The table to fill in: heads that are understood again, three examples, and a second sheet that explains each column."""

import io

import xlsxwriter
from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def heads() -> list[tuple[str, str, str]]:
    """Our word for the column, its head, and what belongs there. The export of offers has the same heads."""
    return [*_what_it_is(), *_what_it_costs(), *_what_it_shows()]


def _what_it_is() -> list[tuple[str, str, str]]:
    return [
        (
            "Offer Code",
            pgettext("import head", "Offer code"),
            _("Leave it empty for new products. In an export it says which offer a row is of."),
        ),
        (
            "Handle",
            pgettext("import head", "Product code"),
            _("Your own code. Rows with the same code are variants of one product, one below the other."),
        ),
        (
            "Title",
            pgettext("import head", "Title"),
            _("Needed. The name of the product, at most 200 characters."),
        ),
        (
            "Option1 Name",
            pgettext("import head", "Option 1 name"),
            _("Such as colour. Only for products with variants."),
        ),
        ("Option1 Value", pgettext("import head", "Option 1 value"), _("Such as red.")),
        ("Option2 Name", pgettext("import head", "Option 2 name"), _("A second option, such as size.")),
        ("Option2 Value", pgettext("import head", "Option 2 value"), _("Such as M.")),
        ("Variant SKU", pgettext("import head", "Variant code"), _("Your code of the variant.")),
    ]


def _what_it_costs() -> list[tuple[str, str, str]]:
    return [
        (
            "Variant Price",
            pgettext("import head", "Price"),
            _("Needed. Digits with a point, for example 12.30, in the currency of the market."),
        ),
        (
            "Variant Compare At Price",
            pgettext("import head", "Compare at price"),
            _("A former price that is shown crossed out; above the price, or empty."),
        ),
        ("Variant Inventory Qty", pgettext("import head", "Stock"), _("Pieces that can be sold.")),
        (
            "Variant Grams",
            pgettext("import head", "Weight (g)"),
            _("Of one piece with its wrapping, in grams."),
        ),
        (
            "Variant Barcode",
            pgettext("import head", "Barcode"),
            _("Format the column as text, else Excel cuts it."),
        ),
    ]


def _what_it_shows() -> list[tuple[str, str, str]]:
    return [
        (
            "Type",
            pgettext("import head", "Category"),
            _("A category of the market; another word becomes a tag."),
        ),
        ("Vendor", pgettext("import head", "Brand"), ""),
        ("Tags", pgettext("import head", "Tags"), _("Words between commas.")),
        (
            "Image Src",
            pgettext("import head", "Pictures"),
            _(
                "Names of files in the ZIP, such as A001.jpg; or put the pictures into the cells of this column."
            ),
        ),
        ("Body (HTML)", pgettext("import head", "Description"), _("Text or simple HTML.")),
        (
            "Status",
            pgettext("import head", "Listed"),
            _("Yes: on the shelf. No: kept back. Empty: as you choose on the page."),
        ),
    ]


def template_book() -> bytes:
    """The workbook: text columns where Excel would spoil a code."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet(_("Products"))
        bold, text = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "@"})
        columns = heads()
        for place, (_column, head, _note) in enumerate(columns):
            sheet.set_column(place, place, 28 if place in (2, 17) else 14, text)
            sheet.write_string(0, place, head, bold)
        for row, example in enumerate(_examples(), start=1):
            for place, (column, _head, _note) in enumerate(columns):
                if column in example:
                    sheet.write_string(row, place, example[column], text)
        sheet.freeze_panes(1, 3)
        _explain(book, columns, bold)
    return buffer.getvalue()


def _examples() -> list[dict[str, str]]:
    """Rows that pass as they are: to be written over."""
    cup = {
        "Handle": "A001",
        "Title": _("Example: tea cup"),
        "Option1 Name": _("Colour"),
        "Option1 Value": _("White"),
        "Variant SKU": "A001-W",
        "Variant Price": "68.00",
        "Variant Inventory Qty": "20",
        "Variant Grams": "350",
        "Image Src": "A001.jpg",
        "Status": _("No"),
    }
    blue = {
        "Handle": "A001",
        "Option1 Value": _("Blue"),
        "Variant SKU": "A001-B",
        "Variant Price": "72.00",
        "Variant Inventory Qty": "12",
        "Variant Grams": "350",
    }
    fan = {
        "Handle": "A002",
        "Title": _("Example: fan"),
        "Variant Price": "39.90",
        "Variant Compare At Price": "49.90",
        "Variant Inventory Qty": "100",
        "Variant Grams": "120",
        "Status": _("No"),
    }
    return [cup, blue, fan]


def _explain(
    book: xlsxwriter.Workbook, columns: list[tuple[str, str, str]], bold: xlsxwriter.format.Format
) -> None:
    sheet = book.add_worksheet(_("Notes"))
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 90)
    sheet.write_row(0, 0, [_("Column"), _("What belongs there")], bold)
    for row, (_column, head, note) in enumerate(columns, start=1):
        sheet.write_string(row, 0, head)
        sheet.write_string(row, 1, note)
    sheet.write_string(
        len(columns) + 2, 1, _("Write over the examples, or delete them, before you upload this file.")
    )
