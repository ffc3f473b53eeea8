"""Payees are told what the bank said, once."""

from tests.factories.members import acts_for
from tests.payments.bank import answered, sent
from yunju.kernel import outbox
from yunju.notices import queries
from yunju.payments import payouts


def test_each_payee_is_told_once_what_became_of_its_money(house):
    _, maker, _, payees = house
    owners = [acts_for(one) for one in payees]
    run, content = sent(house)
    answer = answered(content, ["成功", "失败", ""])
    for _ in range(2):
        payouts.read_results(run_id=run.pk, content=answer, by=maker)
        while outbox.drain():
            pass
    found = [list(queries.visible_to(one).values_list("code", "count")) for one in owners]
    assert found == [[("payout.paid", 1)], [("payout.failed", 1)], []]
    notice = queries.visible_to(owners[0]).get()
    assert set(notice.params) == {"amount_minor", "last4"}
    assert len(notice.params["last4"]) == 4
