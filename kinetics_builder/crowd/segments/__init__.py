"""Where actions begin and end, as several people marked it."""
