"""The training loop that the models share; what a model brings is a `Task` (see `loop.py`)."""
