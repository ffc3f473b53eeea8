"""Yunju 云聚: one working market for a cultural and creative industry cluster, in one exact book of money."""
