"""A small detector of persons for boxes of one's own, learnt in minutes from nothing else."""
