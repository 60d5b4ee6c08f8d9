"""Tables and sentences of notebook 05."""
