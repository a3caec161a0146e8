"""The model behind HTTP: request bodies, batching, the application and the command; imports no torch."""
