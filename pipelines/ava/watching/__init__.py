"""Films with what files say of them, to look at: as a video, and as a page."""
