"""Tables, figures and sentences of notebook 09."""
