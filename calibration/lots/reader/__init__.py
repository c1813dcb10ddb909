"""How files of lots are read: what kind of file, cells, rows, rounds, and what contradicts what; all defects at once."""
