"""Written corrections of the tables, and the detectors that recognise what they correct."""
