"""The Docker engine: the network of the jobs, their containers, and the archives that go in and out."""
