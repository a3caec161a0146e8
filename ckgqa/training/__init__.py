"""The training loop that the models share; a model implements `TrainingTask` (see `loop.py`)."""
