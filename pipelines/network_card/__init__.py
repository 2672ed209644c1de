"""A trained network as a page: what it learnt from, what it is worth, and what it looks at."""
