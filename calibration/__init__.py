"""Calibration: from published figures to parameters, and to policy answers that admit what is not known."""
