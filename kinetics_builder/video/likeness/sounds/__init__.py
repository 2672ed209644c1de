"""What a clip sounds like, and which clips sound the same at the same time."""
