"""Whether a person does an action: AVA's second question about a person."""
