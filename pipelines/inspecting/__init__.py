"""Looking at a workspace and a machine: status, report, check, backup, doctor. Writes no rows."""
