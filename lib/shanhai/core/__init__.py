"""What everything else stands on: errors, paths, places, the data dictionary and the registry of files."""
