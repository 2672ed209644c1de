"""The list of classes, as people write it."""
