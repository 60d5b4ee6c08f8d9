"""Tables and sentences of notebook 06."""
