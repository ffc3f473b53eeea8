"""Waves, files and numbers: groups of the same content, one wave an order, the supplier's layout, lists read back by row."""

import io
import threading
import zipfile
from datetime import timedelta

import pytest
import xlsxwriter
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from python_calamine import CalamineWorkbook

from tests.factories.catalog import make_offer, only_variant
from tests.factories.members import acts_for, make_cluster, make_member
from tests.factories.orders import make_paid_order
from tests.factories.parcels import many_to_ship
from yunju.catalog.models import Stock
from yunju.kernel import clock
from yunju.kernel import jobs as kernel_jobs
from yunju.kernel.errors import Invalid, NotFound, Refused
from yunju.kernel.models import Job
from yunju.members.models import Role
from yunju.members.words import RoleKind
from yunju.modes.ship import columns, files, jobs, numbers, waves
from yunju.modes.ship.actions import dissolve_wave, make_wave, own_wave, pack, set_layout
from yunju.modes.ship.models import Parcel, Wave, WaveOrder
from yunju.modes.ship.numbers import Given
from yunju.orders.models import Event, Line, Order

pytestmark = pytest.mark.usefixtures("db_app")


WORDS = [
    "Result", "Sent", "Sent",
    "This order stands in the list more than once; only its first number was taken.",
    "We do not know the carrier “飞鸽”. Please choose one from the list.",
    "Please enter the tracking number: 6 to 40 letters, digits or hyphens.",
    "Excel has cut this number after 15 digits. Format the column as text and enter it again.",
    "You have no order “{foreign}”.",
    "Sent exactly so before",
    "This order stands in the list more than once; only its first number was taken.",
    "The buyer has asked for the money back: answer that first.",
    "This order is cancelled: nothing is to be sent.",
    "The order number is missing.",
]  # fmt: skip
"""What the last column of the list below says."""


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def scene():
    """A supplier with two things and eight orders: of each one or two pieces, twice."""
    supplier = make_member(make_cluster(), capacities=("supplier",), phone="13900000000", city="景德镇")
    variants = [only_variant(make_offer(supplier, stock=1, title=title)) for title in ("茶杯", "花瓶")]
    return supplier, acts_for(supplier), variants, many_to_ship(supplier, variants, 8)


def worked(job: Job) -> Job:
    kernel_jobs.work_off(job_id=job.pk, is_ending=lambda: False)
    job.refresh_from_db()
    return job


def content_of(job: Job) -> bytes:
    with job.file.open("rb") as file:
        return file.read()


def table(content: bytes) -> list[list[object]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def book(rows: list[list[object]]) -> io.BytesIO:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as made:
        sheet = made.add_worksheet()
        for line, row in enumerate(rows):
            sheet.write_row(line, 0, row)
    out.seek(0)
    return out


def test_orders_of_the_same_content_are_one_group(scene):
    supplier, _by, variants, _numbers = scene
    found = waves.groups(supplier.cluster_id, supplier.pk)
    first, second = variants
    assert {(one.content, one.count) for one in found} == {
        (f"{first.pk}x1", 2), (f"{first.pk}x2", 2), (f"{second.pk}x1", 2), (f"{second.pk}x2", 2),
    }  # fmt: skip
    part = next(one for one in found if one.content == f"{second.pk}x2").parts[0]
    assert (part.title, part.quantity) == ("花瓶", 2)


def test_a_refunded_piece_is_no_longer_in_the_content(scene):
    supplier, _by, variants, _numbers = scene
    line = Line.objects.filter(variant_id=variants[0].pk, quantity=2).earliest("pk")
    Line.objects.filter(pk=line.pk).update(refunded_quantity=1)
    counts = {one.content: one.count for one in waves.groups(supplier.cluster_id, supplier.pk)}
    assert (counts[f"{variants[0].pk}x1"], counts[f"{variants[0].pk}x2"]) == (3, 1)


def test_an_order_is_in_one_wave_at_most(scene):
    supplier, by, variants, _numbers = scene
    content = f"{variants[0].pk}x1"
    wave = make_wave(supplier_id=supplier.pk, content=content, by=by)
    assert (wave.number, wave.orders, wave.content) == (1, 2, content)
    assert content not in [one.content for one in waves.groups(supplier.cluster_id, supplier.pk)]
    with pytest.raises(Refused, match=r"ship\.wave_empty"):
        make_wave(supplier_id=supplier.pk, content=content, by=by)
    rest = make_wave(supplier_id=supplier.pk, by=by, limit=4)
    assert (rest.number, rest.orders) == (2, 4)
    assert Wave.objects.filter(supplier_id=supplier.pk).count() == 2
    assert WaveOrder.objects.filter(wave__supplier_id=supplier.pk).count() == 6


def test_a_dissolved_wave_gives_back_what_was_not_sent(scene):
    supplier, by, _variants, _numbers = scene
    wave = make_wave(supplier_id=supplier.pk, by=by)
    order = waves.in_wave(wave).first()
    pack(cluster_id=order.cluster_id, order_id=order.pk, carrier="sf", tracking_no="SF0000001", by=by)
    assert dissolve_wave(code=wave.code, by=by) == 7
    wave.refresh_from_db()
    assert wave.orders == 1
    assert sum(one.count for one in waves.groups(supplier.cluster_id, supplier.pk)) == 7


def test_what_waits_for_an_answer_is_not_ready(scene):
    supplier, by, _variants, _numbers = scene
    orders = list(waves.to_ship(supplier.cluster_id, supplier.pk)[:3])
    Order.objects.filter(pk=orders[0].pk).update(after_sale_state="open")
    Order.objects.filter(pk=orders[1].pk).update(disputed_at=clock.now())
    Line.objects.filter(order=orders[2]).update(
        ship_from=waves.day_of(supplier.cluster_id) + timedelta(days=3)
    )
    assert waves.ready(supplier.cluster_id, supplier.pk).count() == 5
    assert sum(one.count for one in waves.groups(supplier.cluster_id, supplier.pk)) == 5
    assert make_wave(supplier_id=supplier.pk, by=by).orders == 5
    assert (
        waves.presold(waves.to_ship(supplier.cluster_id, supplier.pk), supplier.cluster_id).get() == orders[2]
    )


def test_who_may(scene):
    supplier, by, _variants, _numbers = scene
    wave = make_wave(supplier_id=supplier.pk, by=by)
    stranger = acts_for(make_member(supplier.cluster, capacities=("supplier",)))
    cashier, helper = acts_for(supplier, RoleKind.CASHIER), acts_for(supplier, RoleKind.HELPER)
    for actor in (stranger, cashier):
        with pytest.raises(NotFound, match=r"ship\.wave_unknown"):
            own_wave(wave.code, actor)
        with pytest.raises(Exception, match="members\\."):
            make_wave(supplier_id=supplier.pk, by=actor)
        with pytest.raises(Exception, match="members\\."):
            jobs.ask_export(supplier_id=supplier.pk, by=actor)
        with pytest.raises(Exception, match="members\\."):
            numbers.send_all(supplier_id=supplier.pk, rows=[], by=actor)
        with pytest.raises(Exception, match="members\\."):
            set_layout(supplier_id=supplier.pk, layout=columns.DEFAULT, by=actor)
    assert own_wave(wave.code, helper) == wave


def test_a_layout_is_checked_and_kept(scene):
    supplier, by, _variants, _numbers = scene
    assert waves.layout_of(supplier.cluster_id, supplier.pk) == columns.DEFAULT
    for layout, code in (
        ([("name", "")], "ship.layout_number"),
        ([("number", ""), ("number", "")], "ship.layout_twice"),
        ([("number", ""), ("price", "")], "ship.layout_column"),
        ([("number", "x" * 41)], "ship.layout_heading"),
    ):
        with pytest.raises(Invalid, match=code):
            set_layout(supplier_id=supplier.pk, layout=layout, by=by)
    set_layout(supplier_id=supplier.pk, layout=[("number", "  我的 单号 "), ("name", "")], by=by)
    assert waves.layout_of(supplier.cluster_id, supplier.pk) == (("number", "我的 单号"), ("name", ""))


def test_a_file_has_the_columns_in_their_order_and_no_formula(scene):
    supplier, by, variants, found = scene
    Line.objects.filter(variant_id=variants[0].pk).update(title="=1+1")
    set_layout(
        supplier_id=supplier.pk,
        layout=[("number", "订单编号"), ("address", ""), ("goods", ""), ("pieces", ""), ("sender", "寄件")],
        by=by,
    )
    wave = make_wave(supplier_id=supplier.pk, content=f"{variants[0].pk}x2", by=by)
    job = worked(jobs.ask_export(supplier_id=supplier.pk, wave=wave.code, by=by))
    assert (job.state, job.total, job.report["lines"][0]["params"]) == ("done", 2, {"count": 2})
    assert job.file_name.endswith("-W1.xlsx")
    rows = table(content_of(job))
    assert rows[0] == ["订单编号", "Whole address", "Goods", "Pieces", "寄件"]
    second = found.index(str(rows[1][0]))
    assert rows[1][1:] == [f"浙江省杭州市西湖区文三路 {second} 号", "=1+1 × 2", 2, supplier.name]
    wave.refresh_from_db()
    assert wave.exported_at is not None


def test_many_parcels_come_in_files_of_at_most_so_many(scene, tmp_path):
    supplier, _by, _variants, found = scene
    shape = files.Shape(columns.DEFAULT, jobs.sender_of(supplier), "Asia/Shanghai", "CNY")
    told: list[int] = []
    chunks = waves.file_rows(supplier.cluster_id, supplier.pk, None, chunk=3)
    path, count = files.write_files(shape, chunks, tmp_path, told=told.append)
    assert (path.name, count, told) == ("parcels.zip", 8, [3, 6, 8])
    with zipfile.ZipFile(path) as bundle:
        written = [table(bundle.read(name))[1:] for name in sorted(bundle.namelist())]
    assert [len(rows) for rows in written] == [3, 3, 2]
    assert [row[0] for rows in written for row in rows] == found


def test_numbers_are_read_back_with_a_word_on_each_row(scene):
    supplier, by, _variants, found = scene
    orders = {order.number: order for order in waves.to_ship(supplier.cluster_id, supplier.pk)}
    foreign = make_paid_order().order.number
    sent_before = orders[found[5]].pk
    pack(cluster_id=by.cluster_id, order_id=sent_before, carrier="sf", tracking_no="SF111111", by=by)
    Order.objects.filter(number=found[6]).update(after_sale_state="open")
    Order.objects.filter(number=found[7]).update(fulfilment_state="cancelled")
    rows = [
        ["订单编号", "快递", "运单号", "备注"],
        [found[0], "顺丰", "SF1234567890", "好"],
        [found[1], "圆通快递", 773012345678, ""],
        [found[0], "顺丰", "SF1234567891", "twice"],
        [found[2], "飞鸽", "SF1234567892", "carrier"],
        [found[3], "中通", "x", "number"],
        [found[4], "中通", 1234567890123456, "cut by Excel"],
        [foreign, "中通", "ZT1234567890", "foreign"],
        [found[5], "顺丰", "SF111111", "the same again"],
        [found[5].lower(), "顺丰", "SF222222", "twice too"],
        [found[6], "顺丰", "SF333333", "case"],
        [found[7], "顺丰", "SF444444", "cancelled"],
        ["", "顺丰", "SF555555", "no number"],
        ["", "", "", ""],
    ]
    job = worked(jobs.ask_numbers(supplier_id=supplier.pk, file=book(rows), name="a.xlsx", carrier="", by=by))
    assert job.state == "done", job.report
    assert {key: job.report[key] for key in ("sent", "repeated", "refused")} == {
        "sent": 2,
        "repeated": 1,
        "refused": 9,
    }
    assert (job.file_name, job.title) == ("a-read.xlsx", "a.xlsx")
    assert [(one["row"], one["about"], one["code"]) for one in job.report["faults"]][:3] == [
        (4, found[0], "ship.packed_twice"),
        (5, found[2], "ship.carrier"),
        (6, found[3], "ship.tracking_no"),
    ]
    assert len(job.report["faults"]) == 9
    told = table(content_of(job))
    assert [row[:4] for row in told[1:3]] == [
        [found[0], "顺丰", "SF1234567890", "好"],
        [found[1], "圆通快递", "773012345678", ""],
    ]
    assert [row[4] for row in told] == [word.format(foreign=foreign) for word in WORDS]
    sent = dict(
        Parcel.objects.filter(order__supplier_id=supplier.pk).values_list("order__number", "tracking_no")
    )
    assert sent == {found[0]: "SF1234567890", found[1]: "773012345678", found[5]: "SF111111"}
    stock = Stock.objects.filter(variant__offer__supplier=supplier)
    assert sum(row.sold for row in stock) == sum(
        line.quantity for line in Line.objects.filter(order__number__in=[found[0], found[1], found[5]])
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_lists_of_text_are_read_in_the_encodings_that_occur(scene, encoding):
    supplier, by, _variants, found = scene
    text = f"平台订单号\t快递单号\n{found[0]}\tSF1234567890\n".encode(encoding)
    job = worked(
        jobs.ask_numbers(supplier_id=supplier.pk, file=io.BytesIO(text), name="a.csv", carrier="sf", by=by)
    )
    assert (job.state, job.report["sent"]) == ("done", 1)


def test_a_heading_of_ones_own_is_found_again(scene):
    supplier, by, _variants, found = scene
    set_layout(supplier_id=supplier.pk, layout=[("number", "外部编号"), ("tracking_no", "面单")], by=by)
    text = f"外部编号,面单\n{found[0]},SF1234567890\n".encode()
    job = worked(
        jobs.ask_numbers(supplier_id=supplier.pk, file=io.BytesIO(text), name="a.csv", carrier="sf", by=by)
    )
    assert job.report["sent"] == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"number,tracking\n", "ship.file_empty"),
        (b"a,b\n1,2\n", "ship.file_no_number"),
        ("订单号,备注\n1,2\n".encode(), "ship.file_no_tracking_no"),
        (b"", "ship.file_empty"),
        (b"<html><table>", "ship.file_unreadable"),
        (b"\xff\xfe\x00\xd8", "ship.file_unreadable"),
        (b"PK\x03\x04 broken", "ship.file_unreadable"),
        (b"order,tracking\n\x00,1\n", "ship.file_unreadable"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(scene, content, code):
    supplier, by, _variants, _numbers = scene
    job = worked(
        jobs.ask_numbers(supplier_id=supplier.pk, file=io.BytesIO(content), name="a", carrier="sf", by=by)
    )
    assert (job.state, job.report["refusal"]["code"]) == ("refused", code)
    assert not Parcel.objects.filter(order__supplier_id=supplier.pk).exists()


def test_a_right_taken_away_meanwhile_ends_the_job(scene):
    supplier, by, *_rest = scene
    job = jobs.ask_export(supplier_id=supplier.pk, by=by)
    Role.objects.filter(user_id=by.user_id, member=supplier).update(ended_at=clock.now())
    job = worked(job)
    assert (job.state, bool(job.file)) == ("refused", False)


def test_two_lists_at_once_send_each_order_once(scene):
    supplier, by, _variants, found = scene
    outcomes: list[numbers.Outcome] = []

    def send(prefix: str) -> None:
        rows = [Given(number, "sf", f"{prefix}{place:08d}") for place, number in enumerate(found)]
        try:
            outcomes.append(numbers.send_all(supplier_id=supplier.pk, rows=rows, by=by))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=(prefix,)) for prefix in ("AA", "BB")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcome.sent for outcome in outcomes) == [0, 8]
    loser = next(outcome for outcome in outcomes if not outcome.sent)
    assert {verdict.fault.code for verdict in loser.verdicts} == {"ship.sent_already"}
    orders = Order.objects.filter(supplier_id=supplier.pk)
    packed = Event.objects.filter(noun="order", noun_id__in=orders.values("pk"), event="pack")
    assert packed.count() == 8


def test_statements_do_not_grow_with_the_orders(scene):
    supplier, by, variants, _numbers = scene

    def counted(work) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            work()
        return len(queries)

    few = counted(lambda: waves.groups(supplier.cluster_id, supplier.pk))
    more = many_to_ship(supplier, variants, 60)
    assert counted(lambda: waves.groups(supplier.cluster_id, supplier.pk)) == few == 4

    def send(given: list[str], prefix: str) -> int:
        rows = [Given(number, "sf", f"{prefix}{place:08d}") for place, number in enumerate(given)]
        return counted(lambda: numbers.send_all(supplier_id=supplier.pk, rows=rows, by=by))

    assert send(more[:5], "AA") == send(more[5:], "BB")
