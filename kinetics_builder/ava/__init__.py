"""AVA: who does what, where and when (arXiv:1705.08421)."""
