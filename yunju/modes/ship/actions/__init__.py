"""The writes of ship: parcels (`parcels`) and what is said of them (`scans`)."""

from yunju.modes.ship.actions.parcels import (
    Packing,
    close_parcels,
    correct_tracking,
    open_parcels,
    pack,
    pack_many,
)
from yunju.modes.ship.actions.scans import Recorded, Report, record_scans

__all__ = [
    "Packing",
    "Recorded",
    "Report",
    "close_parcels",
    "correct_tracking",
    "open_parcels",
    "pack",
    "pack_many",
    "record_scans",
]
