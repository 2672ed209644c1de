"""Verb `flow`: the optical flow of a release's clips, kept beside them."""
