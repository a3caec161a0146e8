"""CasRel: triples with spans out of Chinese text, trained, measured and applied by one program."""
