"""Verb `releases adopt`: clips that others made, as a folder that networks learn from."""
