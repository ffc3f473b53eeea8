"""Many paid orders to ship, by set-based SQL: what the intake and the payment would have written, but for the book."""

from collections.abc import Sequence

from django.db import connection

from yunju.catalog.models import Stock, Variant
from yunju.kernel import clock, ids
from yunju.members.models import Member
from yunju.modes.ship.flow import GIVE_UP, MARK_LATE, REMIND_PACK

ONE_SQL = """
WITH numbers AS (
    SELECT %(start)s + n AS n, %(first)s + n AS id, %(purchase)s + n AS purchase_id,
           upper(substr(md5(%(seed)s || n), 1, 16)) AS code, %(variants)s::bigint[] AS variants
    FROM generate_series(0, %(count)s - 1) AS n
), purchases AS (
    INSERT INTO orders_purchase (id, cluster_id, code, holder, currency, total_minor, payment_state, version, placed_at,
                                 expires_at, paid_at, gateway)
    SELECT purchase_id, %(cluster)s, code, code, 'CNY', 1000, 'paid', 1, %(at)s, %(at)s, %(at)s, 'simulated' FROM numbers
), orders AS (
    INSERT INTO orders_order (id, cluster_id, purchase_id, number, code, supplier_id, supplier_name, mode, currency,
                              goods_minor, freight_minor, total_minor, escrowed, fulfilment_state, after_sale_state,
                              version, after_sale_days, placed_at)
    SELECT id, %(cluster)s, purchase_id, to_char(%(at)s::timestamptz, 'YYMMDD') || '-' || upper(lpad(to_hex(id), 8, '0')), code, %(supplier)s,
           'bench', 'ship', 'CNY', 1000, 0, 1000, false, 'to_pack', 'none', 1, 7, %(at)s
    FROM numbers
), lines AS (
    INSERT INTO orders_line (cluster_id, order_id, seq, kind, offer_id, variant_id, place_id, title, variant_title,
                             quantity, unit_minor, amount_minor, source, share_code, context, rule_version, fee_version,
                             returnable, stock_state, refunded_quantity, refunded_minor)
    SELECT %(cluster)s, n.id, 1, 'goods', v.offer_id, v.id, %(place)s, o.title, v.title, 1 + n.n %% 2, 1000,
           1000 * (1 + n.n %% 2), 'none', '', '', 0, 0, true, 'reserved', 0, 0
    FROM numbers n
    JOIN catalog_variant v ON v.id = n.variants[1 + (n.n / 2) %% cardinality(n.variants)]
    JOIN catalog_offer o ON o.id = v.offer_id
), contacts AS (
    INSERT INTO orders_contact (cluster_id, order_id, name, phone, province, city, district, street, country, note)
    SELECT %(cluster)s, id, '收件人' || n, '138' || lpad(n::text, 8, '0'), '浙江', '杭州市', '西湖区', '文三路 ' || n || ' 号',
           'CN', ''
    FROM numbers
), events AS (
    INSERT INTO orders_event (cluster_id, noun, noun_id, version, axis, event, before, after, who, by_name, params, at)
    SELECT %(cluster)s, 'order', id, 1, 'fulfilment', 'start', '', 'to_pack', 'system', 'bench', '{}', %(at)s FROM numbers
)
INSERT INTO orders_flowtimer (cluster_id, noun, noun_id, key, event, due_at)
SELECT %(cluster)s, 'order', numbers.id, timers.key, timers.event, %(at)s::timestamptz + timers.wait
FROM numbers
CROSS JOIN (VALUES ('remind', 'remind_pack', %(remind)s::interval), ('late', 'mark_late', %(late)s::interval),
                   ('give_up', 'give_up', %(give_up)s::interval)) AS timers(key, event, wait)
"""


CHUNK = 5_000
"""A statement may take five seconds."""


def many_to_ship(supplier: Member, variants: Sequence[Variant], count: int) -> list[str]:
    """`count` orders to pack, alternately of one piece and of two, the variants in turn. Returns their numbers in order.

    Their stock is reserved. Twice as many kinds of content as variants; the contact names count from 0.
    """
    found: list[str] = []
    for start in range(0, count, CHUNK):
        found += _chunk(supplier, variants, start, min(CHUNK, count - start))
    return found


def _chunk(supplier: Member, variants: Sequence[Variant], start: int, count: int) -> list[str]:
    at, place_id = clock.now(), Stock.objects.filter(variant=variants[0]).values_list("place_id")[0][0]
    first = ids.reserve("orders_order_id_seq", count)[0]
    purchase = ids.reserve("orders_purchase_id_seq", count)[0]
    names = {
        "first": first,
        "purchase": purchase,
        "start": start,
        "count": count,
        "seed": ids.public_code(),
        "cluster": supplier.cluster_id,
        "supplier": supplier.pk,
        "variants": [variant.pk for variant in variants],
        "place": place_id,
        "at": at,
        "remind": REMIND_PACK,
        "late": MARK_LATE,
        "give_up": GIVE_UP,
    }
    within = [supplier.cluster_id, first, first + count]
    with connection.cursor() as cursor:
        cursor.execute(ONE_SQL, names)
        cursor.execute(
            "UPDATE catalog_stock s SET reserved = s.reserved + w.q, received = s.received + w.q"
            " FROM (SELECT variant_id, sum(quantity) AS q FROM orders_line WHERE cluster_id = %s AND order_id >= %s"
            " AND order_id < %s GROUP BY variant_id) w WHERE s.variant_id = w.variant_id AND s.place_id = %s",
            [*within, place_id],
        )
        cursor.execute(
            "SELECT number FROM orders_order WHERE cluster_id = %s AND id >= %s AND id < %s ORDER BY id",
            within,
        )
        return [row[0] for row in cursor.fetchall()]
