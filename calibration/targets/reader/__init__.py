"""A targets file: its schema, what is wrong with it, what it stands on, what it sets free."""
