"""Verdicts on the claims of the papers, and what official figures say about a place."""
