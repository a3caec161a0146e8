"""Measures the embedded graph and Gremlin Servers with a synthetic graph of any size."""
