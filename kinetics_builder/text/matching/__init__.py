"""Which classes a title names: forms of words, and how sure they make us."""
