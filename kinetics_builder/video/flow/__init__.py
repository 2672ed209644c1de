"""Optical flow of clips: how it is computed, what it is kept as, where it lies."""
