"""The heads by which a network is a detector. No torch."""

TOLD = "regions"
"""Is told where people are."""
FINDING = "proposing"
"""Finds them itself."""
DETECTORS = (TOLD, FINDING)
