"""What trained networks have learnt from, and whether they are measured on it."""
