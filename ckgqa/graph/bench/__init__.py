"""Measures the embedded graph and Gremlin Servers with a made graph of any size."""
