"""PySlowFast: what its AVA loader and its measure make of a folder."""
