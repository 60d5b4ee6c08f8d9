"""JupyterLab as a place to work: how it starts, what it keeps, the start page, notebooks of a user's own."""
