"""Where a tree of yes/no questions leads about a clip, one question after another."""
