"""A stage for the runner's tests: small enough to be followed by hand, and able to go wrong in every way."""
