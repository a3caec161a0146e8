"""Model packages and their groups: the registry of models."""
