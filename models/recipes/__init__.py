"""How networks are trained: what the papers say of each, and where they say it."""
