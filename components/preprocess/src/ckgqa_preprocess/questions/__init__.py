"""`questions`: labelled questions, generated from a graph with editable templates, or read from a labelled archive."""
