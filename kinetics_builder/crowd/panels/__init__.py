"""Paid panels: platforms that send people, and pay them."""
