"""The replication package: one archive with data, code, lock, outputs and their descriptions, and what checks it."""
