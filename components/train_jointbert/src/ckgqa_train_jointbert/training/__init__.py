"""The task that the shared training loop runs: encoded questions, batches, loss and validation."""
