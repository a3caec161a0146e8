"""HTTP services of stages: taking the port, bodies within limits, and an end that leaves nobody without an answer."""
