"""A released folder as a page for its readers, made of nothing but the folder."""
