"""Verbs on lists of classes: what became of them, and a release under its new classes."""
