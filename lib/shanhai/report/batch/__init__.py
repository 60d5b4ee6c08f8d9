"""The site of a batch: a page a run, made with the run; an index with a map and one table of all places."""

STYLE = "batch.css"
"""Style of all pages, in the folder of the results."""

FILES = ("index.html", "places.csv", "places.xlsx")
"""Index and tables of one language."""

SITE = (STYLE, *FILES, *(f"zh/{name}" for name in FILES))
"""Every file of a site that belongs to no single run."""
