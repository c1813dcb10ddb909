"""``sim new``: questions, each with its law and its unit, and the file of a policy or a scenario that the answers make."""
