"""A folder of films that was given away: read back, held against its promises, and changed."""
