"""Why one place is poorer than another: the account and its words."""
