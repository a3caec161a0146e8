"""The data: sentences with their labelled triples, texts to extract from, and both as batches of numbers."""
