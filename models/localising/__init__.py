"""Finding when actions happen in long videos, on features of a trained network."""
