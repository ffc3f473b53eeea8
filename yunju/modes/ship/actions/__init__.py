"""The writes of ship: parcels (`parcels`), what is said of them (`scans`), orders that go together (`waves`)."""

from yunju.modes.ship.actions.parcels import (
    Packing,
    close_parcels,
    correct_tracking,
    open_parcels,
    pack,
    pack_many,
)
from yunju.modes.ship.actions.scans import Recorded, Report, record_scans
from yunju.modes.ship.actions.waves import dissolve_wave, make_wave, mark_printed, own_wave, set_layout

__all__ = [
    "Packing",
    "Recorded",
    "Report",
    "close_parcels",
    "correct_tracking",
    "dissolve_wave",
    "make_wave",
    "mark_printed",
    "open_parcels",
    "own_wave",
    "pack",
    "pack_many",
    "record_scans",
    "set_layout",
]
