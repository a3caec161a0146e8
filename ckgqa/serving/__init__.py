"""HTTP services of stages: request bodies within limits, and a server that drains its requests on SIGTERM."""
