"""From a released file of others, which names videos of the web, to its clips."""
