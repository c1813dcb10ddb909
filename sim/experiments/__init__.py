"""Experiments: what is done with the model. Each imports the model and the measures, never the reverse."""
