"""The heads by which a network is a detector. No torch."""

TOLD = ("regions", "related")
"""Are told where people are."""
FINDING = ("proposing", "attending")
"""Find them themselves."""
DETECTORS = (*TOLD, *FINDING)
