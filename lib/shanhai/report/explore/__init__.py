"""Interactive pages of the report: each one file that needs no network."""
