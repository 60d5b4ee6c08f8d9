"""Tables and sentences of notebook 10."""
