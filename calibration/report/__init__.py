"""The report of a calibration: one page for a judge, then ten requirements of a credible calibration, in order."""
