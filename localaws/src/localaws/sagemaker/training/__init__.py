"""Training jobs: the operations, and the threads that run them."""
