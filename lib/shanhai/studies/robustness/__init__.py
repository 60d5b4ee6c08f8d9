"""Tables and sentences of notebook 13."""
