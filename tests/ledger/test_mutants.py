"""A guard that can go without a test turning red guards nothing. The command is `python -m tests.ledger.mutants`."""

import pytest

from tests.ledger.mutants import Mutant, judge, mutants

ALL = mutants()
NAMED = {mutant.name: mutant for mutant in ALL}
FEW = ("trigger ledger_entry_guard", "check account_floor", "right to UPDATE ledger_entry")


def demand_death(mutant: Mutant, clone, record_property) -> None:
    verdict = judge(mutant, clone.app_url, clone.owner_url)
    record_property("mutant", mutant.name)
    record_property("red", verdict.red)
    assert verdict.red, "no refusal case turned red"
    assert verdict.seen, "start-up did not see it"


@pytest.fixture(autouse=True)
def unblocked(own_transactions, django_db_blocker):
    with django_db_blocker.unblock():
        yield


@pytest.mark.parametrize("name", FEW)
def test_a_few_guards_are_missed_when_they_are_gone(name, clone, record_property):
    demand_death(NAMED[name], clone, record_property)


@pytest.mark.long
@pytest.mark.parametrize("mutant", ALL, ids=[mutant.name for mutant in ALL])
def test_every_guard_is_missed_when_it_is_gone(mutant, clone, record_property):
    demand_death(mutant, clone, record_property)


def test_names_are_unique():
    assert len(NAMED) == len(ALL)
