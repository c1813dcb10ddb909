"""Languages: what is said of numbers; the lowest layer."""
