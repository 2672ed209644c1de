"""What a trained network sees in clips, as numbers."""
