"""Claims of each document that official tables decide."""
