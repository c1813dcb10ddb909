"""The report of a calibration: one page for a judge, and the details for a statistician behind it."""
