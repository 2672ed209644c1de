"""Who is to be seen at a key frame: boxes of persons, as in AVA."""
