"""Data of many sorts from the web, kept by what a trained network says (arXiv:2003.13042)."""
