"""The answerer over HTTP: one ASGI application for `serve`, the Lambda and the page."""
