"""`yunju import`: offers out of a product file, through the same action that a page calls, told row by row."""

import argparse
import re
from contextlib import ExitStack
from pathlib import Path

from django.utils import translation
from django.utils.translation import gettext as _

from yunju.catalog.actions.imports import ImportOptions, import_offers
from yunju.catalog.csvfile import spooled
from yunju.catalog.importing.formats import CHOICES, FORMATS
from yunju.catalog.importing.handback import handback
from yunju.catalog.importing.layout import Said
from yunju.catalog.report import ImportReport, Remark
from yunju.cli.say import Stop, say
from yunju.kernel import actor
from yunju.kernel.errors import YunjuError
from yunju.members.models import Cluster, Member
from yunju.members.words import CapacityKind
from yunju.ui import messages

SHOWN_REMARKS = 200


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="a product file: XLSX, XLS, CSV or TSV, of any known origin")
    parser.add_argument(
        "--supplier", required=True, help="code of the supplier, or e-mail of somebody who works for it"
    )
    parser.add_argument(
        "--cluster", default="", help="code of the cluster; not needed where there is only one"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would happen and change nothing")
    parser.add_argument("--strict", action="store_true", help="one fault refuses the whole file")
    parser.add_argument(
        "--stock", action="store_true", help="the file's counts replace ours for known variants too"
    )
    parser.add_argument(
        "--commission", default="0", help="percent that new offers give their shop, such as 12.5"
    )
    parser.add_argument(
        "--format", default="", choices=["", *FORMATS], help="found out where it is not given"
    )
    parser.add_argument(
        "--columns",
        default="",
        help="what each column is, in order, between commas: Handle,Title,Variant Price,-,...",
    )
    parser.add_argument("--head", type=int, default=1, help="with --columns: row of the heads, 0 for none")
    parser.add_argument("--pictures", type=Path, help="a ZIP of pictures named by product code")
    parser.add_argument("--unlisted", action="store_true", help="new offers stay off the shelf")
    parser.add_argument("--errors", type=Path, help="write the file with what is wrong beside each row")
    parser.add_argument("--currency", default="", help="what the prices are in; must be the cluster's own")
    parser.add_argument("--language", default="en", choices=("en", "zh-hans"), help="of what is printed")


def run(args: argparse.Namespace) -> int:
    with translation.override(args.language):
        cluster = find_cluster(args.cluster)
        supplier = find_supplier(cluster, args.supplier)
        options = ImportOptions(
            file_name=args.file.name,
            dry_run=args.dry_run,
            strict=args.strict,
            sets_stock=args.stock,
            shop_bp=basis_points(args.commission),
            currency=args.currency.upper(),
            lists=not args.unlisted,
            said=Said(args.format, columns(args.columns), args.head),
        )
        report = take(args.file, supplier, options, args.pictures)
        if args.errors and report.faults:
            hand_back(args.file, args.errors, report)
        for line in lines(report):
            say(line)
    return 1 if report.faults else 0


def columns(words: str) -> tuple[str, ...]:
    """`Handle,Title,-` as the columns of a file; a dash is not used."""
    if not words:
        return ()
    found = tuple(word.strip() for word in words.split(","))
    unknown = [word for word in found if word not in CHOICES and word != "-"]
    if unknown:
        raise Stop(
            _("--columns knows no %(word)s. It knows: %(known)s.")
            % {"word": unknown[0], "known": ", ".join(CHOICES)}
        )
    return tuple("" if word == "-" else word for word in found)


def take(path: Path, supplier: Member, options: ImportOptions, pictures: Path | None = None) -> ImportReport:
    """Run the action; what refuses the file as a whole ends the command with its sentence."""
    by = actor.system(supplier.cluster_id, "import")
    try:
        with path.open("rb") as file, ExitStack() as stack:
            archive = stack.enter_context(pictures.open("rb")) if pictures else None
            return import_offers(by=by, supplier_id=supplier.pk, file=file, options=options, pictures=archive)
    except OSError as error:
        raise Stop(_("The file cannot be opened: %(why)s") % {"why": error}) from error
    except YunjuError as refusal:
        raise Stop(messages.of(refusal)) from refusal


def hand_back(path: Path, target: Path, report: ImportReport) -> None:
    """The same file with a column of errors, to be mended and imported again."""
    faults: dict[int, str] = {}
    for remark in report.remarks:
        if remark.fault:
            sentence = messages.sentence(remark.code, remark.params, currency=report.currency)
            faults[remark.row] = f"{faults.get(remark.row, '')} {remark.column}: {sentence}".strip()
    for row in report.more_fault_rows:
        faults.setdefault(row, messages.sentence("import.more_faults", {}))
    with path.open("rb") as file, spooled(file) as copy:
        made = handback(copy.records(report.heads), faults, heads=report.heads, word=_("Errors"))
    target = target.with_suffix(f".{made.suffix}")
    target.write_bytes(made.content)
    say(_("The rows at fault are marked in %(file)s.") % {"file": target})


def find_cluster(code: str) -> Cluster:
    clusters = Cluster.objects.filter(closed_at=None)
    found = list(clusters.filter(code=code) if code else clusters.order_by("code")[:20])
    if len(found) == 1:
        return found[0]
    if code or not found:
        raise Stop(_("There is no cluster %(code)s.") % {"code": code})
    codes = ", ".join(cluster.code for cluster in found)
    raise Stop(_("There are several clusters: name one with --cluster (%(codes)s).") % {"codes": codes})


def find_supplier(cluster: Cluster, word: str) -> Member:
    """The member with that code, or the one supplier that the person with that e-mail works for."""
    suppliers = Member.objects.filter(
        cluster=cluster, closed_at=None, capacities__kind=CapacityKind.SUPPLIER, capacities__ended_at=None
    )
    if "@" in word:
        found = list(suppliers.filter(roles__user__email=word.lower(), roles__ended_at=None).distinct()[:2])
    else:
        found = list(suppliers.filter(code=word.upper())[:2])
    if len(found) == 1:
        return found[0]
    if not found:
        raise Stop(_("No supplier of this cluster is called %(word)s.") % {"word": word})
    raise Stop(_("%(word)s works for several suppliers: name one by its code.") % {"word": word})


def basis_points(percent: str) -> int:
    found = re.fullmatch(r"(\d{1,2})(?:\.(\d{1,2}))?", percent, re.ASCII)
    if not found:
        raise Stop(_("--commission is a percentage such as 12.5."))
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def lines(report: ImportReport) -> list[str]:
    """The report in words: what was done, columns that were not used, then every remark with its row."""
    counts = report.counts
    told = [
        _title(report),
        _(
            "rows: %(rows)d = %(rows_variant)d variants + %(rows_picture)d pictures + %(rows_refused)d not taken + %(rows_blank)d empty"
        )
        % counts,
        _(
            "offers: %(offers_made)d made, %(offers_changed)d changed, %(offers_unchanged)d unchanged, %(offers_refused)d not taken"
        )
        % counts,
        _("variants: %(variants_made)d made, %(variants_changed)d changed, %(variants_unchanged)d unchanged")
        % counts,
        _(
            "pictures: %(pictures_made)d made, %(pictures_changed)d changed; stock set for %(stock_set)d variants"
        )
        % counts,
    ]
    if report.columns_unused:
        told.append(_("columns not used (cells with something in them):"))
        told += [f"  {name or '-'} ({cells})" for name, cells in report.columns_unused.items()]
    told += [remark_line(remark, report.currency) for remark in report.remarks[:SHOWN_REMARKS]]
    beyond = report.remarks_left_out + max(len(report.remarks) - SHOWN_REMARKS, 0)
    if beyond:
        told.append(_("and %(count)d more remarks. All of them, by code:") % {"count": beyond})
        told += [f"  {code}: {count}" for code, count in report.remarks_by_code.items()]
    return told


def _title(report: ImportReport) -> str:
    words = {"file": report.file_name, "run": report.run_id, "encoding": report.encoding.upper()}
    if report.state == "refused":
        return (
            _("%(file)s (%(encoding)s): refused because of its faults, nothing was changed (run %(run)d)")
            % words
        )
    if report.dry_run:
        return _("%(file)s (%(encoding)s): dry run, nothing was changed (run %(run)d)") % words
    return _("%(file)s (%(encoding)s): imported (run %(run)d)") % words


def remark_line(remark: Remark, currency: str) -> str:
    place = _("row %(row)d") % {"row": remark.row}
    column = f", {remark.column}" if remark.column else ""
    kind = _("not taken") if remark.fault else _("note")
    sentence = messages.sentence(remark.code, remark.params, currency=currency)
    return f"{place}{column}: {kind}: {sentence} [{remark.code}]"
