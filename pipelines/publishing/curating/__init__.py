"""Verb `curate`: decisions and class edits -> the clips of the next release, with splits."""
