"""Start, look at and stop localaws, the local AWS; its server runs in an environment of its own."""
