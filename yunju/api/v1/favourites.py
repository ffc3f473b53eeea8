"""What the caller wants to find again."""

from ninja import Router

from yunju.api.auth import ApiRequest, needs
from yunju.api.scopes import Scope
from yunju.api.v1.shelf import ShelfRow, rows
from yunju.catalog import hearts
from yunju.kernel.errors import SignInNeeded

router = Router(tags=["favourites"])


class FavouriteRow(ShelfRow):
    """An offer with a heart. One that is not on the shelf stays in the list and cannot be bought."""

    on_shelf: bool


@router.get("/favourites", response=list[FavouriteRow], auth=needs(Scope.PURCHASE_READ))
def list_favourites(request: ApiRequest) -> list[dict[str, object]]:
    """The account's own, the newest first: at most 500."""
    if request.auth.user_id is None:
        raise SignInNeeded("members.sign_in_needed")
    offers = list(hearts.offers_of(request.auth))
    shown = rows(offers, request.cluster.currency)
    return [row | {"on_shelf": offer.on_shelf} for row, offer in zip(shown, offers, strict=True)]
