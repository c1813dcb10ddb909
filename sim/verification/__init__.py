"""The simulator against closed forms: ordinary scenarios, run as ``sim run`` runs them, compared with theory.

``cases`` says which scenarios; one file a family says what is exact and what was observed; ``evidence`` adds up;
``verdict`` judges; ``run`` does the work.
"""
