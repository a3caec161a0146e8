"""Serving a model: its container with `serve`, its data at `/opt/ml/model`, and the calls of its web server."""
