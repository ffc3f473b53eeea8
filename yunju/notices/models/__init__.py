"""Notices in the site."""

from yunju.notices.models.notices import Notice

__all__ = ["Notice"]
