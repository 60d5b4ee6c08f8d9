"""Tables and sentences of notebook 11."""
