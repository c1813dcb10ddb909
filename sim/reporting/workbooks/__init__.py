"""Excel workbooks of results: a cover that says what was computed, and a sheet a table, in the reader's language."""
