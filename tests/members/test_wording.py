"""Forbidden words: hidden ones are found, innocent ones are not, the operator keeps the list."""

import pytest

from tests.factories.members import acts_for, buyer, make_cluster, make_member, operator
from yunju.kernel.errors import Forbidden, Invalid, InvalidMany, SignInNeeded
from yunju.members import actions, queries, wording
from yunju.members.models import ForbiddenWords, MemberEvent
from yunju.members.words import RoleKind


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("跟着我躺赚", "躺赚"),
        ("躺 · 赚 不是梦", "躺赚"),
        ("躺\u200b赚", "躺赚"),
        ("发 展-下.线", "发展下线"),
        ("【招】【代】【理】", "招代理"),
        ("ＭＬＭ", "mlm"),
        ("Get-Rich Quick!", "get rich quick"),
        ("P A S S I V E income", "passive income"),
        ("M.L.M.", "mlm"),
    ],
)
def test_a_hidden_word_is_found_as_the_list_has_it(text, word):
    assert wording.found_in(text, wording.DEFAULT_WORDS) == word


@pytest.mark.parametrize(
    "text",
    [
        "手作茶碗，开片自然，七天可退",
        "代理记账、躺椅、赚",
        "We get rich, deep colours from iron",
        "htmlmaker",
        "Nori skewers with no risk of bones",
        "",
        "。。。",
    ],
)
def test_innocent_words_stay(text):
    assert wording.found_in(text, wording.DEFAULT_WORDS) == ""


def test_every_word_that_comes_with_yunju_counts_and_stands_once():
    folded = [wording.letters(word) for word in wording.DEFAULT_WORDS]
    assert len(set(folded)) == len(folded)
    assert all(wording.found_in(f"a {word}, b", wording.DEFAULT_WORDS) for word in wording.DEFAULT_WORDS)


def test_each_field_with_a_word_is_named(db_app):
    cluster = make_cluster()
    with pytest.raises(Invalid) as one:
        wording.refuse_forbidden(cluster_id=cluster.pk, texts={"title": "bowl", "text": "日入过万"})
    assert one.value == Invalid("text.forbidden", field="text", word="日入过万")
    with pytest.raises(InvalidMany) as both:
        wording.refuse_forbidden(cluster_id=cluster.pk, texts={"title": "拉人头", "text": "日入过万"})
    assert [fault.field for fault in both.value.faults] == ["title", "text"]
    wording.refuse_forbidden(cluster_id=cluster.pk, texts={"title": "bowl", "text": ""})


def test_the_operator_keeps_the_list_and_another_cluster_does_not_notice(db_app):
    here, there = make_cluster(), make_cluster()
    by = operator(here)
    kept = actions.set_forbidden_words(words=["  秒杀 ", "秒.杀", "躺赚", ""], by=by)
    assert kept == ("秒杀", "躺赚")
    assert wording.words_of(here.pk) == ("秒杀", "躺赚")
    assert wording.words_of(there.pk) == wording.DEFAULT_WORDS
    with pytest.raises(Invalid):
        wording.refuse_forbidden(cluster_id=here.pk, texts={"t": "限时秒 杀"})
    wording.refuse_forbidden(cluster_id=here.pk, texts={"t": "日入过万"})
    event = MemberEvent.objects.get(cluster_id=here.pk, what="wording.set")
    assert (event.by_user_id, event.params["count"], event.params["added"]) == (by.user_id, 2, ["秒杀"])
    actions.set_forbidden_words(words=["秒杀", "躺赚"], by=by)
    assert MemberEvent.objects.filter(cluster_id=here.pk, what="wording.set").count() == 1
    actions.set_forbidden_words(words=[], by=by)
    assert wording.words_of(here.pk) == ()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["!"], "text.forbidden_too_short"),
        (["赚"], "text.forbidden_too_short"),
        (["a" * 41], "input.too_long"),
        ([f"word{n}" for n in range(1_001)], "text.forbidden_too_many"),
    ],
)
def test_a_list_that_would_refuse_everything_is_refused(db_app, words, code):
    cluster = make_cluster()
    with pytest.raises(Invalid) as refused:
        actions.set_forbidden_words(words=words, by=operator(cluster))
    assert refused.value.code == code
    assert not ForbiddenWords.objects.filter(cluster=cluster).exists()


def test_only_who_makes_the_rules_may(db_app):
    cluster = make_cluster()
    supplier = make_member(cluster, capacities=("supplier",))
    refused = (
        (queries.anonymous(cluster.pk), SignInNeeded),
        (buyer(cluster), Forbidden),
        (acts_for(supplier), Forbidden),
        (operator(cluster, RoleKind.MANAGER), Forbidden),
    )
    for by, error in refused:
        with pytest.raises(error):
            actions.set_forbidden_words(words=["秒杀"], by=by)
    assert not ForbiddenWords.objects.filter(cluster=cluster).exists()
