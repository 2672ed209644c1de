"""What simulated annotators say about films: who is there, whose a box is, and what they do."""
