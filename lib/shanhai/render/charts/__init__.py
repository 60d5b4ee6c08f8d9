"""Charts, one module a topic; each takes a tidy frame and gives a figure in the language asked for."""
