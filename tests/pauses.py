"""What is waited between two tries, and two looks at what others do, is short in tests."""

SHORT_SECONDS = 0.05
