"""Pages: one self-contained HTML file each, for people who look rather than read code."""
