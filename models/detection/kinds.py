"""The heads by which a network is a detector. No torch."""

REMEMBERING = "remembering"
"""Is told where people are, and what was seen of the film before and after."""
BANK = "bank"
"""Folder of the detector by which one remembers, in its run."""
TOLD = ("regions", "related", REMEMBERING)
"""Are told where people are."""
FINDING = ("proposing", "attending")
"""Find them themselves."""
DETECTORS = (*TOLD, *FINDING)
