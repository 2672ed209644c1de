"""What somebody asked to be taken down: kept out of every stage, and taken out of the workspace."""
