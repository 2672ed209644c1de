"""The ways in which clips are shown to those who say what they show."""

from enum import StrEnum


class Way(StrEnum):
    """How the clips of a task are shown. What is said of them is the same in all."""

    CLIP = "clip"
    """One after another, of different classes (arXiv:1705.06950)."""
    GRID = "grid"
    """Many clips of one class at once, of which the wrong ones are struck out."""
    STREAM = "stream"
    """One after another, each filling the page, answered by keys or swipes alone."""


SMALLEST_GRID, LARGEST_GRID = 12, 48
"""Clips of a grid."""
