"""Accuracy against cost: what runs reach, and what a test of one clip takes them."""
