"""The addresses of the pages, by journey."""

from django.urls import path

from yunju.web import account, buyer, cashier, checkout, home, offers, operator, plain, shop, shopkeeper, supplier

urlpatterns = [
    path("healthz", plain.health, name="health"),
    path("art/<int:seed>.svg", plain.art, name="art"),
    path("media/<path:name>", plain.picture, name="picture"),
    path("language", plain.language, name="language"),
    # the face of the cluster
    path("", home.front, name="home"),
    path("shelf", home.shelf, name="shelf"),
    path("offers/<str:code>", home.offer, name="offer"),
    # shops
    path("shops/<str:code>", shop.page, name="shop"),
    path("open-shop", shop.open_shop, name="open_shop"),
    path("pick", shop.pick, name="pick"),
    path("shops/<str:code>/arrange", shop.arrange, name="arrange"),
    path("shops/<str:code>/picks/<int:listing_id>", shop.listing, name="listing"),
    path("shops/<str:code>/picks/<int:listing_id>/drop", shop.drop, name="listing_drop"),
    path("shops/<str:code>/picks/<int:listing_id>/up", shop.move, name="listing_move"),
    # from the cart to the payment
    path("cart", checkout.cart, name="cart"),
    path("cart/add", checkout.add, name="cart_add"),
    path("cart/change", checkout.change, name="cart_change"),
    path("cart/prices", checkout.accept_prices, name="accept_prices"),
    path("checkout", checkout.checkout, name="checkout"),
    path("purchases/<str:code>", cashier.cashier, name="cashier"),
    path("purchases/<str:code>/pay", cashier.cashier_pay, name="cashier_pay"),
    path("purchases/<str:code>/state", cashier.cashier_state, name="cashier_state"),
    path("purchases/<str:code>/cancel", checkout.cancel, name="cancel_purchase"),
    path("pay/<str:signed>", cashier.pay_link, name="pay_link"),
    path("pay/<str:signed>/pay", cashier.pay_link_pay, name="pay_link_pay"),
    path("pay/<str:signed>/state", cashier.pay_link_state, name="pay_link_state"),
    # orders
    path("orders", buyer.orders, name="orders"),
    path("orders/<str:code>", buyer.order, name="order"),
    path("orders/<str:code>/move", buyer.move, name="move"),
    path("orders/<str:code>/pack", buyer.pack, name="pack"),
    path("orders/<str:code>/after-sale", buyer.after_sale, name="after_sale"),
    path("orders/<str:code>/case", buyer.answer_case, name="answer_case"),
    # a supplier's own offers
    path("m/<str:code>/offers", offers.offers, name="offers"),
    path("m/<str:code>/offers/new", offers.new, name="offer_new"),
    path("m/<str:code>/offers/<str:offer_code>", offers.edit, name="offer_edit"),
    path("m/<str:code>/offers/<str:offer_code>/shelf", offers.shelve, name="offer_shelve"),
    path("m/<str:code>/offers/<str:offer_code>/rule", offers.rule, name="offer_rule"),
    path("m/<str:code>/offers/<str:offer_code>/pictures", offers.picture, name="offer_picture"),
    path("m/<str:code>/offers/<str:offer_code>/<str:variant_code>/price", offers.price, name="offer_price"),
    # accounts
    path("sign-in", account.sign_in, name="sign_in"),
    path("sign-up", account.sign_up, name="sign_up"),
    path("sign-out", account.sign_out, name="sign_out"),
    path("me", account.me, name="me"),
    path("me/password", account.password, name="password"),
    path("work", account.work, name="work"),
    path("join", account.join, name="join"),
    # a supplier's day
    path("m/<str:code>/orders", supplier.to_ship, name="to_ship"),
    path("m/<str:code>/cases", supplier.cases, name="cases"),
    path("m/<str:code>/freight", supplier.freight, name="freight"),
    path("m/<str:code>/import", supplier.imports, name="imports"),
    # a payee's money
    path("m/<str:code>/earnings", shopkeeper.earnings, name="earnings"),
    path("m/<str:code>/statement", shopkeeper.statement, name="statement"),
    path("m/<str:code>/payee", shopkeeper.payee, name="payee"),
    path("m/<str:code>/payout", shopkeeper.ask, name="ask_payout"),
    # the operator
    path("operator", operator.operator, name="operator"),
    path("operator/admissions", operator.admissions, name="admissions"),
    path("operator/admissions/<int:capacity_id>", operator.admit, name="admit"),
    path("operator/payouts", operator.payouts, name="payouts"),
    path("operator/payouts/make", operator.payout_make, name="payout_make"),
    path("operator/payouts/<int:run_id>", operator.payout_run, name="payout_run"),
    path("operator/payouts/<int:run_id>/step", operator.payout_step, name="payout_step"),
    path("operator/payouts/<int:run_id>/file", operator.payout_file, name="payout_file"),
    path("operator/payouts/<int:run_id>/results", operator.payout_results, name="payout_results"),
    path("operator/refunds", operator.refunds, name="refunds"),
    path("operator/disputes", operator.disputes, name="disputes"),
    path("operator/alarms", operator.alarms, name="alarms"),
    path("operator/ledger", operator.proof, name="proof"),
]
