"""Chinese text to a knowledge graph, and answers from it."""
