"""What the suite says about one place: position, comparison, claims."""
