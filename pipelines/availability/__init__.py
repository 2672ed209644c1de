"""What of a released file is still on the web, by class and over time."""
