"""Work on the machines of a Ray cluster. Imported only where a workspace asks for it."""
