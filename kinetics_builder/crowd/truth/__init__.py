"""What is true, from the answers of many workers: one method a file, no database."""
