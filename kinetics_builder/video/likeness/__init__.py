"""Telling whether two clips show the same."""
