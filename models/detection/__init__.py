"""Detectors of actions: what they learn from, how they are asked, and what they are worth."""
