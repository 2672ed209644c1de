"""Pictures that a frame classifier learns from: of clips that people judged, of image searches."""
