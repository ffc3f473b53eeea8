"""One level of commission, and nowhere to put a second: a walk over every table of the house."""

from django.apps import apps

from yunju.members.models import Cluster, Member
from yunju.orders.models import Line, Share
from yunju.shops.models import Listing, Shop

LEVEL_WORDS = {
    "level",
    "depth",
    "parent",
    "upline",
    "downline",
    "referrer",
    "inviter",
    "recruiter",
    "ancestor",
    "tier",
}
MONEY_WORDS = {"price", "amount", "minor", "stock", "quantity", "remaining", "bp", "rate", "cost"}

OURS = [model for model in apps.get_models() if model.__module__.startswith("yunju.")]


def names(model):
    return {word for field in model._meta.concrete_fields for word in field.name.split("_")}


def member_keys(model):
    """Keys to a member or a shop, those kept as plain ids included."""
    people = {"member", "payee", "shop", "supplier", "user"}
    return [field.name for field in model._meta.concrete_fields if field.name.removesuffix("_id") in people]


def test_no_member_and_no_shop_points_to_another():
    for model in (Member, Shop):
        assert model not in {field.related_model for field in model._meta.concrete_fields}
    assert {field.related_model for field in Shop._meta.concrete_fields if field.is_relation} == {
        Cluster,
        Member,
    }
    assert {field.related_model for field in Member._meta.concrete_fields if field.is_relation} == {Cluster}


def test_no_table_ties_two_members_or_two_shops():
    tied = []
    for model in OURS:
        keys = [f for f in model._meta.concrete_fields if f.is_relation and f.related_model in (Member, Shop)]
        targets = [key.related_model for key in keys]
        if len(targets) != len(set(targets)):
            tied.append(model._meta.label)
    assert tied == []


def test_no_column_counts_levels():
    assert [(m._meta.label, sorted(names(m) & LEVEL_WORDS)) for m in OURS if names(m) & LEVEL_WORDS] == []


def test_a_line_has_one_shop_and_a_share_of_it_is_paid_once():
    assert [name for name in member_keys(Line) if name.startswith("shop")] == ["shop_id"]
    constraint = next(one for one in Share._meta.constraints if one.name == "share_one_shop")
    assert tuple(constraint.fields) == ("cluster_id", "line_id")
    assert "role" in str(constraint.condition)
    assert "shop" in str(constraint.condition)


def test_a_listing_has_no_price_and_no_stock():
    assert names(Listing) & MONEY_WORDS == set()
    assert names(Shop) & MONEY_WORDS == set()
