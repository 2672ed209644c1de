"""The names of the files that tell what kind of release a folder is."""

MANIFEST = "clips.csv"
"""Of clips: one line each, with its file (see `manifest`)."""
FILMS = "videos.csv"
"""Of films with boxes: where each is, and at which of its seconds it begins."""
SEGMENTS = "segments.csv"
"""Of whole videos in which people marked when actions happen: each time that one does."""
MARKED_VIDEOS = "marked_videos.csv"
"""Beside it: these videos, those in which nothing happens included."""
SPLIT_LISTS = {
    MARKED_VIDEOS: "video", FILMS: "video_id",
    "train.csv": "youtube_id", "validate.csv": "youtube_id", "test.csv": "youtube_id",
}  # fmt: skip
"""Files of releases, of whatever kind, that say of videos in which split they are, and the column
that names them."""
