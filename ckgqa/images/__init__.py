"""The images of the stages: their content, the hashes that decide about a rebuild, and the builds."""
