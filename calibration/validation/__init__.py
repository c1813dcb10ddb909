"""Validation: whether the calibration finds what it should, by simulation."""
