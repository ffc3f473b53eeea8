"""Parcels and scans; waves and the layout of their files."""

from yunju.modes.ship.models.parcels import Parcel, Scan
from yunju.modes.ship.models.waves import ExportLayout, Wave, WaveOrder

__all__ = ["ExportLayout", "Parcel", "Scan", "Wave", "WaveOrder"]
