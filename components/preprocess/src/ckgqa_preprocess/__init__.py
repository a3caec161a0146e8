"""Turns raw archives into the project's own records: validated, split and counted."""
