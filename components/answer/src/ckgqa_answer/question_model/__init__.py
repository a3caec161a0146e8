"""The client of the question model's `/invocations`: HTTP or SageMaker."""
