"""The addresses of the pages, by journey."""

from django.urls import path

from yunju.web import account, home, plain, shop

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
    # accounts
    path("sign-in", account.sign_in, name="sign_in"),
    path("sign-up", account.sign_up, name="sign_up"),
    path("sign-out", account.sign_out, name="sign_out"),
    path("me", account.me, name="me"),
    path("me/password", account.password, name="password"),
    path("work", account.work, name="work"),
    path("join", account.join, name="join"),
]
for _n, _p in {"cart": "cart", "cart_add": "cart/add", "orders": "orders", "operator": "operator", "alarms": "operator/alarms"}.items():
    urlpatterns.append(path(_p, home.front, name=_n))
for _n in ("to_ship", "offers", "imports", "freight", "cases", "earnings", "statement", "payee"):
    urlpatterns.append(path(f"m/<str:code>/{_n}", home.front, name=_n))
