"""One folder a notebook: what was fixed beforehand, the analysis, its tables, charts, words and claims."""
