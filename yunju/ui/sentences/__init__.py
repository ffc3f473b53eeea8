"""The sentences of the codes, a file per room: code to English source text; the Chinese stands in the catalogue."""

from yunju.ui.sentences import api, catalog, flow, ledger, members, orders, payments, replay, ship, shops, web

ROOMS = (api, catalog, flow, ledger, members, orders, payments, replay, ship, shops, web)
SENTENCES: dict[str, str] = {code: text for room in ROOMS for code, text in room.SENTENCES.items()}
