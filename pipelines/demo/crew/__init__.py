"""Simulated annotators: who they are, how they use the page, and whose turn it is."""
