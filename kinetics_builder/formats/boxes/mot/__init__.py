"""MOTChallenge: persons followed through sequences of frames."""
