"""The model: what happens to cases, lots and bidders, from seizure to sale, as a discrete-event simulation."""
