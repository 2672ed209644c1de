"""What other codes make of a folder of AVA's files: one file a code, and what they share."""
