"""What the owner sees of one worker."""
