"""The names of the files that tell what kind of release a folder is."""

MANIFEST = "clips.csv"
"""Of clips: one line each, with its file (see `manifest`)."""
FILMS = "videos.csv"
"""Of films with boxes: where each is, and at which of its seconds it begins."""
SEGMENTS = "segments.csv"
"""Of whole videos in which people marked when actions happen: each time that one does."""
