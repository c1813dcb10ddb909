"""How people react: options that the base model leaves off."""
