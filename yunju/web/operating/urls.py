"""The addresses of the operator's pages, and of what the public reads about the operator and the suppliers."""

from django.urls import path

from yunju.web import after_sale, operator, rules
from yunju.web.operating import (
    figures,
    licences,
    look,
    papers,
    people,
    public,
    roll,
    setup,
    shelves,
    threads,
    todo,
    visiting,
)

PATTERNS = [
    path("operator", todo.operator, name="operator"),
    # members
    path("operator/members", roll.members_roll, name="members_roll"),
    path("operator/members/by-id/<int:member_id>", roll.member_by_id, name="member_by_id"),
    path("operator/members/<str:code>", roll.member_sheet, name="member_sheet"),
    path("operator/members/<str:code>/do", roll.member_do, name="member_do"),
    path("operator/members/<str:code>/visit/<int:user_id>", visiting.visit_begin, name="visit_begin"),
    path("operator/admissions", operator.admissions, name="admissions"),
    path("operator/admissions/<int:capacity_id>", operator.admit, name="admit"),
    path("operator/licences", licences.licences, name="licences"),
    path("operator/licences/<int:licence_id>", licences.licence_check, name="licence_check"),
    # trade
    path("operator/orders", look.orders_look, name="orders_look"),
    path("operator/orders/<str:code>", look.order_file, name="order_file"),
    path("operator/disputes", operator.disputes, name="disputes"),
    path("operator/refunds", operator.refunds, name="refunds"),
    path("operator/refunds/<int:refund_id>/again", after_sale.try_again, name="refund_again"),
    path("operator/threads", threads.operator_threads, name="operator_threads"),
    # money
    path("operator/payouts", operator.payouts, name="payouts"),
    path("operator/payouts/make", operator.payout_make, name="payout_make"),
    path("operator/payouts/<int:run_id>", operator.payout_run, name="payout_run"),
    path("operator/payouts/<int:run_id>/step", operator.payout_step, name="payout_step"),
    path("operator/payouts/<int:run_id>/file", operator.payout_file, name="payout_file"),
    path("operator/payouts/<int:run_id>/results", operator.payout_results, name="payout_results"),
    path("operator/figures", figures.figures, name="figures"),
    path("operator/ledger", operator.proof, name="proof"),
    # the house
    path("operator/alarms", operator.alarms, name="alarms"),
    path("operator/bills/<int:difference_id>/explain", operator.explain, name="explain"),
    path("operator/setup", setup.setup, name="setup"),
    path("operator/setup/live", setup.setup_live, name="setup_live"),
    path("operator/setup/try", setup.setup_try, name="setup_try"),
    path("operator/setup/backup", setup.setup_backup, name="setup_backup"),
    path("operator/setup/text", setup.setup_text, name="setup_text"),
    path("operator/papers", papers.papers, name="papers"),
    path("operator/agreements", papers.agreements, name="agreements"),
    path("operator/agreements/<str:kind>", papers.agreement_edit, name="agreement_edit"),
    path("operator/rules", rules.rules, name="rules"),
    path("operator/categories", shelves.categories, name="categories"),
    path("operator/categories/<str:code>", shelves.category, name="category"),
    path("operator/wording", papers.words, name="wording"),
    path("operator/looks", visiting.looks, name="looks"),
    # everybody
    path("about", public.about, name="about"),
    path("agreements/<str:kind>", public.agreement, name="agreement"),
    path("suppliers/<str:code>/info", public.supplier_info, name="supplier_info"),
    path("m/<str:code>/papers", licences.own_papers, name="own_papers"),
    path("licences/<str:code>.webp", licences.licence_picture, name="licence_picture"),
    path("m/<str:code>/roles", people.roles, name="roles"),
    path("m/<str:code>/roles/<int:user_id>/end", people.role_end, name="role_end"),
    path("m/<str:code>/offers-of-roles/<int:offer_id>/end", people.offer_end, name="offer_end"),
    path("work/offers/<int:offer_id>", people.offer_answer, name="offer_answer"),
    path("visit/end", visiting.visit_end, name="visit_end"),
    path("me/visits", visiting.own_visits, name="own_visits"),
]
