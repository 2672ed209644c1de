"""Groups of people within classes: how classes are put together, and how they are judged."""
