"""The network, its configuration, and the model folder that both are written to."""
