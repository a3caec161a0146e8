"""A local AWS: MiniStack, with SageMaker jobs that run as containers, and a registry for their images."""
