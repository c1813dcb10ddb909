"""Targets: published figures, how they may be interpreted, evidence from elsewhere, the parameter space."""
