"""Entity linking: from mentions in a question to entities of the graph."""
