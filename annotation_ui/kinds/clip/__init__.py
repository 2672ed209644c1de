"""Whether a clip shows an action: the question of Kinetics."""
