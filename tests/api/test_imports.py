"""Product files over the API: sent, watched, taken for real, undone; whose they are stands in the matrix."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.api.conftest import Caller, problem
from tests.factories.jobs import forget_jobs, work_jobs
from tests.factories.members import acts_for, make_cluster, make_member
from yunju.catalog.models import Offer
from yunju.members.models import User
from yunju.members.words import CapacityKind

HEAD = "Handle,Title,Option1 Name,Option1 Value,Variant Price\n"
GOOD, BAD = "cup,Cup,Title,Default Title,12.00\n", "pot,Pot,Title,Default Title,dear\n"


@pytest.fixture
def supplier(db_app):
    forget_jobs()
    return make_member(make_cluster(), capacities=[CapacityKind.SUPPLIER])


def test_a_file_goes_its_way(supplier):
    caller = Caller(supplier.cluster.host, User.objects.get(pk=acts_for(supplier).user_id))

    def send(text: str, **options: str):
        file = SimpleUploadedFile("p.csv", text.encode())
        return caller.client.post(f"/api/v1/members/{supplier.code}/imports", {"file": file} | options)

    sent = send(HEAD + GOOD + BAD)
    assert (sent.status_code, sent.json()["state"], sent.json()["dry_run"]) == (202, "waiting", True)
    number = sent.json()["number"]
    assert problem(send(HEAD + GOOD)) == (409, "import.under_way", None)
    work_jobs()
    report = caller.get(f"/imports/{number}").json()
    assert (report["state"], report["format"], report["counts"]["offers_made"]) == ("done", "shopify", 1)
    assert [(one["code"], one["row"], one["fault"]) for one in report["remarks"]] == [
        ("import.amount", 3, True)
    ]
    assert not Offer.objects.filter(supplier=supplier).exists()
    real = caller.post(f"/imports/{number}/again").json()
    work_jobs()
    assert Offer.objects.get(supplier=supplier).title == "Cup"
    assert caller.get(f"/members/{supplier.code}/imports?limit=1").json()["items"][0]["may_be_undone"] is True
    assert caller.post(f"/imports/{real['number']}/undo").status_code == 202
    work_jobs()
    assert caller.get(f"/imports/{real['number']}").json()["undone_at"] is not None
    assert Offer.objects.get(supplier=supplier).closed_at is not None
    assert problem(caller.post(f"/imports/{real['number']}/undo")) == (409, "import.not_undone", None)


def test_what_is_no_file(supplier):
    caller = Caller(supplier.cluster.host, User.objects.get(pk=acts_for(supplier).user_id))
    assert problem(caller.client.post(f"/api/v1/members/{supplier.code}/imports"))[:2] == (
        422,
        "import.empty",
    )
    wrong = {"file": SimpleUploadedFile("p.csv", b"<html>"), "format": "csv"}
    assert problem(caller.client.post(f"/api/v1/members/{supplier.code}/imports", wrong))[0] == 422
