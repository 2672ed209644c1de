"""What is known about classes and labels that may be wrong, shown to whoever edits them."""
