"""The pages of paid panels: coming in by a platform's address, and going back to it."""
