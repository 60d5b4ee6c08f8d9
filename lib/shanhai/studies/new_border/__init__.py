"""Tables and sentences of notebook 07."""
