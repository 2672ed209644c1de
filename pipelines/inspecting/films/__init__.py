"""What is looked at in a workspace of films: the way they went, facts, pictures, what follows."""
