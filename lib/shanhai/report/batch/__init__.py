"""The site of a batch: a page a run, made with the run; an index with a map and one table of all places."""
