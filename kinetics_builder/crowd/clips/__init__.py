"""What votes about clips mean: how several become a decision."""
