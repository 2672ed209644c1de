"""Writing what was found: clips, stills, small films."""
