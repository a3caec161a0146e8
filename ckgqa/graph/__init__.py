"""The graph: ids made from content, and `connect(url)` to wherever it is kept."""
