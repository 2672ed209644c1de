"""Persons at key frames, for the kinds of task that ask about them: what is shown."""
