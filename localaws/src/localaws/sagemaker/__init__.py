"""SageMaker: jobs, models, model packages and tags."""
