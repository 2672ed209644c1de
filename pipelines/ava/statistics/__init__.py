"""What the rows of an AVA file are: for people, for programs, as a page with pictures."""
