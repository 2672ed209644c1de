"""When a class happens in a video: stretches, as in ActivityNet."""
