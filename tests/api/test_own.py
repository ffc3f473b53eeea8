"""What one wants to find again, long work, and the shelf with filters, by programs."""

from tests.api.conftest import Caller, problem
from tests.factories.catalog import make_offer
from tests.factories.markets import make_market
from tests.factories.members import make_user
from yunju.api import tokens
from yunju.catalog.models import Category
from yunju.kernel import clock, jobs
from yunju.kernel.models import Job
from yunju.members.queries import actor_for


def test_favourites_are_the_accounts_own(db_app):
    market, person = make_market(), make_user()
    mine = Caller(market.cluster.host, person)
    offer = market.offers[0]
    mine.client.post(f"/offers/{offer.code}/heart", {"heart": "on"})
    (row,) = mine.get("/favourites").json()
    assert (row["code"], row["on_shelf"], row["price_minor"]) == (offer.code, True, 9_999)
    offer.withdrawn_at = clock.now()
    offer.save(update_fields=["withdrawn_at"])
    assert [one["on_shelf"] for one in mine.get("/favourites").json()] == [False]
    assert Caller(market.cluster.host, make_user()).get("/favourites").json() == []
    assert problem(Caller(market.cluster.host).get("/favourites"))[0] == 401
    _, secret = tokens.make_token(
        name="t", scopes=["order:read"], days=1, by=actor_for(person, market.cluster)
    )
    assert problem(Caller(market.cluster.host, token=secret).get("/favourites"))[0] == 403


def test_jobs_are_seen_by_who_asked(db_app):
    market, person = make_market(), make_user()
    by = actor_for(person, market.cluster)
    made = [
        Job.objects.create(
            cluster_id=market.cluster.pk, kind="web.export", title=f"list {n}", by_user_id=person.pk,
            asked_at=clock.now(), state="done", done=n, total=3,
        )
        for n in range(3)
    ]  # fmt: skip
    mine, other = Caller(market.cluster.host, person), Caller(market.cluster.host, make_user())
    first = mine.get("/jobs?limit=2").json()
    rest = mine.get(f"/jobs?limit=2&cursor={first['next_cursor']}").json()
    assert [row["code"] for page in (first, rest) for row in page["items"]] == [
        one.code for one in jobs.visible_to(by)
    ]
    assert rest["next_cursor"] is None
    row = mine.get(f"/jobs/{made[1].code}").json()
    assert (row["title"], row["state"], row["done"], row["total"], row["has_file"]) == (
        "list 1", "done", 1, 3, False,
    )  # fmt: skip
    assert other.get("/jobs").json()["items"] == []
    assert problem(other.get(f"/jobs/{made[1].code}"))[0] == 404
    assert problem(Caller(market.cluster.host).get("/jobs"))[0] == 401


def test_the_shelf_is_found_by_words_and_filters(db_app):
    market = make_market()
    supplier, caller = market.suppliers[0], Caller(market.cluster.host)
    label = Category.objects.create(
        cluster=market.cluster, code="lamps", name_zh="灯具", name_en="Lamps", position=1
    )
    lamp = make_offer(supplier, title="Lantern of paper", price_minor=90_000, stock=0)
    lamp.category = label
    lamp.save(update_fields=["category"])
    found = caller.get("/shelf/search?least_minor=80000").json()
    assert [row["code"] for row in found["items"]] == [lamp.code]
    assert (found["page"], found["pages"], found["total"], found["is_capped"]) == (1, 1, 1, False)
    assert caller.get("/shelf/search?least_minor=80000&in_stock=true").json()["items"] == []
    cheap = caller.get("/shelf/search?most_minor=80000&sort=dear").json()["items"]
    assert [row["price_minor"] for row in cheap] == sorted(
        (row["price_minor"] for row in cheap), reverse=True
    )
    assert lamp.code not in {row["code"] for row in cheap}
    for wrong in ("sort=nearest", "page=0", "least_minor=-1"):
        assert problem(caller.get(f"/shelf/search?{wrong}"))[0] == 422, wrong
    told = caller.get("/shelf/suggestions?q=lamp").json()
    assert [one["code"] for one in told["categories"]] == ["lamps"]
    assert caller.get("/shelf/suggestions").json() == {"offers": [], "categories": [], "studios": []}
