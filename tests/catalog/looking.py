"""Looking for things on a supplier's shelf, in tests."""

from yunju.catalog.finding import Wanted, find


def titles(supplier, words="", page=1, **wanted) -> list[str]:
    """Of what is found, in the order in which it is shown."""
    found = find(supplier.cluster_id, Wanted(words=words, **wanted), page=page)
    return [offer.title for offer in found.offers]
