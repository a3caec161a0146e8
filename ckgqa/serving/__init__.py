"""HTTP services of stages: taking the port, and an end that leaves nobody without an answer. Needs uvicorn."""
