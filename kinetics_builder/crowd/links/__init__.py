"""Whose boxes are whose: several annotators' tracks of a stretch -> those that hold."""
