"""Which way of listening made a row's landmarks."""

METHOD = 1
"""Counted up when a sound would no longer give the landmarks that it gave before."""
