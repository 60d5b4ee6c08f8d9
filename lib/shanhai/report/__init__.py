"""Publications made of results: site, papers, interactive pages, files and the replication package."""
