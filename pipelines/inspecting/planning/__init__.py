"""What a collect is about to take, told before anything is spent."""
