"""Claims on provincial borders and mountains, decided by the registered main specification."""
