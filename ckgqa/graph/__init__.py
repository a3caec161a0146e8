"""The graph: `connect(url)` opens an embedded file or a Gremlin Server behind gremlinpython's own connection."""
