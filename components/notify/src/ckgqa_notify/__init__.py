"""Tells people how a run ended."""
