"""Notices in the site, what leaves the house, and how people want it."""

from yunju.notices.models.deliveries import Delivery, Preference, QuietHours, Robot, RobotPost, ShownText
from yunju.notices.models.notices import Notice

__all__ = ["Delivery", "Notice", "Preference", "QuietHours", "Robot", "RobotPost", "ShownText"]
