"""Scores of predictions, a baseline without a model, and the report."""
