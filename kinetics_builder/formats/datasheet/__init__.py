"""The datasheet of a dataset: what only its makers can say, and what its data says."""
