"""Every page of the site as data: by the name of its address, who looks at it, and where it is in the demonstration.

A new page needs a line in PAGES (or, when it answers no browser page, its name in NO_PAGES), else a test fails. Braces
are filled by `furnish.py`: codes are looked up in the demonstration, the rest is made by hand as people make it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """`person` is a key of `furnish.PEOPLE`; `status` is what the page answers with."""

    route: str
    person: str
    path: str
    status: int = 200

    @property
    def name(self) -> str:
        """Of its picture."""
        return self.route if self.status == 200 else f"{self.route}_{self.status}"


def _pages(person: str, *pairs: tuple[str, str]) -> list[Page]:
    return [Page(route, person, path) for route, path in pairs]


def _named(names: str, reason: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), reason)


PAGES: list[Page] = [
    *_pages(
        "stranger",
        ("home", "/"),
        ("shelf", "/shelf"),
        ("sales_now", "/sales"),
        ("offer", "/offers/{offer}"),
        ("studio", "/studios/{member}"),
        ("shop", "/shops/{shop}"),
        ("fees", "/fees"),
        ("about", "/about"),
        ("agreement", "/agreements/terms"),
        ("supplier_info", "/suppliers/{member}/info"),
        ("sign_in", "/sign-in"),
        ("sign_up", "/sign-up"),
        ("demo_phone", "/demo/phone"),
        ("carried", "/e/of-another-browser"),
        ("order_door", "{order_door}"),
        ("pay_link", "{pay_link}"),
        ("invited", "{invited}"),
        ("design", "/design"),
    ),
    Page("offer", "stranger", "/offers/NOSUCHOFFER", 404),
    *_pages("wechat", ("elsewhere", "/elsewhere?to=/orders")),
    *_pages("opener", ("opening_picks", "/open-shop/picks")),
    *_pages("caller", ("sign_in_code", "/sign-in/code")),
    *_pages(
        "guest",
        ("cart", "/cart"),
        ("checkout", "/checkout"),
        ("cashier", "{purchase}"),
        ("favourites", "/favourites"),
    ),
    *_pages(
        "buyer",
        ("orders", "/orders"),
        ("order", "/orders/{order_received}"),
        ("after_sale", "/orders/{order_received}/after-sale"),
        ("review", "/orders/{order_received}/review/{line}"),
        ("me", "/me"),
        ("password", "/me/password"),
        ("confirm", "/me/confirm"),
        ("my_phone", "/me/phone"),
        ("devices", "/me/devices"),
        ("my_log", "/me/log"),
        ("notice_wishes", "/me/notices"),
        ("own_visits", "/me/visits"),
        ("notices", "/notices"),
        ("join", "/join"),
        ("open_shop", "/open-shop"),
    ),
    *_pages(
        "keeper",
        ("work", "/work"),
        ("today", "/shops/{shop}/today"),
        ("shop_views", "/shops/{shop}/views"),
        ("shop_orders", "/shops/{shop}/orders"),
        ("choose", "/shops/{shop}/choose"),
        ("arrange", "/shops/{shop}/arrange"),
        ("listing", "/shops/{shop}/picks/{listing}"),
        ("shop_edit", "/shops/{shop}/edit"),
        ("share", "/shops/{shop}/share"),
        ("materials", "/shops/{shop}/material"),
        ("post_material", "/shops/{shop}/material/{material}"),
        ("opened", "/shops/{shop}/opened"),
        ("earnings", "/m/{keeper}/earnings"),
        ("payee", "/m/{keeper}/payee"),
    ),
    *_pages(
        "supplier",
        ("supply_today", "/m/{member}/today"),
        ("to_ship", "/m/{member}/orders"),
        ("sheets", "/m/{member}/print/pick"),
        ("waves", "/m/{member}/waves"),
        ("wave", "{wave}"),
        ("parcel_numbers", "/m/{member}/parcels/numbers"),
        ("parcel_layout", "/m/{member}/parcels/layout"),
        ("cases", "/m/{member}/cases"),
        ("talks", "/m/{member}/talks"),
        ("refund", "/orders/{order_sold}/refund"),
        ("offers", "/m/{member}/offers"),
        ("offer_new", "/m/{member}/offers/new"),
        ("offer_quick", "/m/{member}/offers/quick"),
        ("offer_edit", "/m/{member}/offers/{offer}"),
        ("sales", "/m/{member}/sales"),
        ("sale_new", "/m/{member}/offers/{offer}/sale"),
        ("sale_edit", "/m/{member}/sales/{sale}"),
        ("offer_rule", "/m/{member}/offers/{offer}/rule"),
        ("material", "/m/{member}/offers/{offer}/material"),
        ("material_edit", "/m/{member}/offers/{offer}/material/{material}"),
        ("goods", "/m/{member}/goods"),
        ("goods_stock", "/m/{member}/goods/{variant}"),
        ("storing", "/m/{member}/places"),
        ("freight", "/m/{member}/freight"),
        ("helpers", "/m/{member}/helpers"),
        ("sellers", "/m/{member}/sellers"),
        ("member_reviews", "/m/{member}/reviews"),
        ("member_service", "/m/{member}/service"),
        ("robots", "/m/{member}/robots"),
        ("imports", "/m/{member}/import"),
        ("import_columns", "{import_columns}"),
        ("import_run", "{import_run}"),
        ("statement", "/m/{member}/statement"),
        ("own_papers", "/m/{member}/papers"),
        ("roles", "/m/{member}/roles"),
        ("own_filings", "/m/{member}/filings"),
        ("own_filing", "/m/{member}/filings/{round}"),
        ("jobs", "/jobs"),
        ("job", "{job}"),
    ),
    *_pages(
        "operator",
        ("operator", "/operator"),
        ("alarms", "/operator/alarms"),
        ("members_roll", "/operator/members"),
        ("member_sheet", "/operator/members/{member}"),
        ("admissions", "/operator/admissions"),
        ("licences", "/operator/licences"),
        ("invitations", "/operator/invitations"),
        ("invitation_cards", "/operator/invitations/cards"),
        ("member_upload", "/operator/lists/new"),
        ("member_list", "{member_list}"),
        ("filings", "/operator/filings"),
        ("filing_new", "/operator/filings/new"),
        ("filing_form", "/operator/filings/{filing}"),
        ("filing_round", "/operator/filings/rounds/{round}"),
        ("orders_look", "/operator/orders"),
        ("order_file", "/operator/orders/{order_sold}"),
        ("disputes", "/operator/disputes"),
        ("refunds", "/operator/refunds"),
        ("operator_threads", "/operator/threads"),
        ("payouts", "/operator/payouts"),
        ("payout_run", "/operator/payouts/{run}"),
        ("figures", "/operator/figures"),
        ("proof", "/operator/ledger"),
        ("setup", "/operator/setup"),
        ("papers", "/operator/papers"),
        ("agreements", "/operator/agreements"),
        ("agreement_edit", "/operator/agreements/terms"),
        ("rules", "/operator/rules"),
        ("categories", "/operator/categories"),
        ("category", "/operator/categories/{category}"),
        ("wording", "/operator/wording"),
        ("looks", "/operator/looks"),
        ("wechat_settings", "/operator/wechat"),
    ),
]
NO_PAGES: dict[str, str] = _named(
    """cart_add cart_change cart_put_back accept_prices cashier_pay pay_link_pay cancel_purchase move pack answer_case
    talk_say talk_join review_hide review_answer heart pick material_posted listing_drop listing_restore listing_move
    offer_shelve offer_presale sale_end offer_picture offer_price material_remove sign_out end_devices end_device notices_read
    robot_step job_stop job_again goods_undo import_format import_undo import_again wave_dissolve
    parcel_export ask_payout filing_open filing_close filing_step invitation_step wechat_verify_drop language admit
    payout_make payout_step payout_results refund_again explain licence_check member_do visit_begin visit_end role_end
    setup_live setup_try setup_backup setup_text offer_end offer_answer""",
    "takes a form and goes on to a page",
) | {
    **dict.fromkeys(
        ("health", "cashier_state", "pay_link_state", "import_state", "job_state"), "for programs"
    ),
    **dict.fromkeys(("art", "picture", "poster", "licence_picture"), "a picture"),
    **_named(
        """private_file job_file parcel_numbers_template import_template
        import_mend member_list_mend export filing_sheet member_template
        payout_file wechat_verify""",
        "a file",
    ),
    **dict.fromkeys(("notice", "member_by_id"), "goes on to another page"),
    "suggest": "a part of the shelf that comes while one types",
}
"""Names of addresses that are no page to look at, with the reason."""
