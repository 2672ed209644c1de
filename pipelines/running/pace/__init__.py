"""Whose turn it is to ask a site, and when."""
