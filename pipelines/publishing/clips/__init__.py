"""Releases of clips: what is in them, written and read back."""
