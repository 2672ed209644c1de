"""Finding where in a video something happens, and where clips go."""
