"""The law: rules in force as data, checks of a scenario against them, holidays, commission."""
