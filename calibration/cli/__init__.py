"""The `calibrate` commands."""
