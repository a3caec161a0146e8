"""Turns triples into the graph's CSV, and loads that CSV into a graph."""
