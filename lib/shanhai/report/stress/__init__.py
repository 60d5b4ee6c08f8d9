"""Tables and sentences of notebook 13."""

from shanhai.report.stress import border, estimate, placebos, text

__all__ = ["border", "estimate", "placebos", "text"]
