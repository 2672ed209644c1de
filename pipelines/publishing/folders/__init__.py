"""Releases of every kind as folders: whole or not at all, checked, replaced, described."""
