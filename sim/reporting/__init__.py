"""What people see: words, tables for the terminal, pictures. Nothing here computes a measure."""
