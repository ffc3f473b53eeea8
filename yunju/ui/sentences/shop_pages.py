"""What the pages of a shopkeeper says."""

SENTENCES: dict[str, str] = {
    "choose.sort.new": "Newest",
    "choose.sort.pays": "Pays most",
    "choose.sort.sold": "Sells best",
    "look.source.link": "Your link",
    "look.source.none": "The shop's address, without a link",
    "look.source.plate": "A plate",
    "look.source.poster": "Your poster",
    "look.source.search": "Search",
}
