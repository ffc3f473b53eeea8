"""The modes this installation runs: code -> path. Adding a mode is one folder and one line here."""

MODES = {
    "ship": "yunju.modes.ship.mode.ShipMode",
}
