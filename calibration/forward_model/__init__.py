"""The forward model: the figures that a vector of parameters gives."""
