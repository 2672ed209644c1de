"""Which question is asked of whom next, and when a clip is decided."""
