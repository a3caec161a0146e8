"""CasRel: trains, evaluates and runs a model that extracts triples with spans from Chinese text."""
