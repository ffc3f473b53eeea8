"""What the codes of ship say. The Chinese stands in the catalogue."""

SENTENCES = {
    "ship.carrier": "We do not know the carrier “{carrier}”. Please choose one from the list.",
    "ship.carrier_spoke": "The carrier has already reported on this parcel: that can no longer be changed by hand.",
    "ship.not_packed": "This order has not been sent yet: enter carrier and tracking number first.",
    "ship.packed_twice": "This order stands in the list more than once; only its first number was taken.",
    "ship.parcel_unknown": "No parcel has this tracking number.",
    "ship.scan_code": "“{code}” cannot be reported here.",
    "ship.scan_time": "The time of the scan must lie within the last year and not in the future.",
    "ship.scan_words": "Please say it in {most} characters or fewer.",
    "ship.tracking_no": "Please enter the tracking number: 6 to 40 letters, digits or hyphens.",
}
