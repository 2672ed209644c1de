"""What the owner should look at about workers and classes; nothing follows of it by itself."""
