"""The report as a static site in English and Chinese."""
