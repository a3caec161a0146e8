"""From texts to triples: pointers, spans, whole facts, and the thresholds that decide."""
