"""Whose boxes are whose from key frame to key frame: persons followed along a strip of crops."""
