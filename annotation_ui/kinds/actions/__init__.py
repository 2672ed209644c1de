"""What a person does: AVA's first question about a person."""
