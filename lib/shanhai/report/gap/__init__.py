"""Tables, figures and estimates of notebook 08."""
