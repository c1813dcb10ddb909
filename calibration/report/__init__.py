"""The report of a calibration: one page for a judge, and what a statistician asks for behind it."""
