"""Queries to the graph, and the search for an interpretation that it can answer."""
