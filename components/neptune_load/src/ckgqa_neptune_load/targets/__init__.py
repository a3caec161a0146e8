"""The graphs that can be loaded: an embedded file or a Gremlin Server."""
