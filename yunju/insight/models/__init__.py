"""Figures that were counted: can be thrown away and made anew."""

from yunju.insight.models.figures import UNITS, Figures

__all__ = ["UNITS", "Figures"]
