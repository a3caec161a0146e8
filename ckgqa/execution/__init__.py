"""Compile pipelines, run them on this machine, and record and report the runs. The pipelines are in `pipelines/`."""
