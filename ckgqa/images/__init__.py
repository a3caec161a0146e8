"""The images of the stages: what goes into each, when it has to be built again, and building it."""
