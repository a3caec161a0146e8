"""Makes labelled questions: from a graph with wordings that people edit, and from an archive that people labelled."""
