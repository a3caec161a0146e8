"""Registers a model for a person to approve."""
