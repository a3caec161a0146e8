"""The graph to ask about: its entities, its facts, and its noisy names."""
