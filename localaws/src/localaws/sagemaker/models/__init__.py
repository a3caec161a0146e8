"""Models: what is served."""
