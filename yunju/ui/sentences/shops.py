"""What the codes of shops say. The Chinese stands in the catalogue."""

SENTENCES = {
    "shops.already_open": "You already have a shop.",
    "shops.listing_twice": "The same item is named twice.",
    "shops.missing_admitted": "Applied; waiting for the operator.",
    "shops.missing_asked": "You have not applied for this yet.",
    "shops.missing_member": "You are not a member here yet. Enter your name or firm first.",
    "shops.no_listing": "This item is not in the shop.",
    "shops.no_member": "There is no such member.",
    "shops.no_offer": "This item is not on the shelf any more.",
    "shops.no_picture": "This picture does not belong to the item.",
    "shops.no_share_code": "There is no such share code.",
    "shops.no_shop": "There is no such shop.",
    "shops.not_staff": "This person does not work for the shop.",
    "shops.position_range": "The position is a number from 0 to {most}.",
    "shops.role_may_not": "Your role in this shop does not allow this. Ask its owner or a manager.",
    "shops.shop_closed": "This shop is closed.",
    "shops.shop_full": "A shop holds at most {most} items. Take some out first.",
    "shops.sign_in": "Please sign in first.",
    "shops.text_html": "Plain text only: the signs < and > are not allowed.",
    "shops.too_many_picks": "At most {most} items at once.",
}
