"""Semantic interpretation of one question: intents with entities in their roles."""
