"""Traversals as data, so that one can run on several graphs, and answers in a form that can be compared."""

from dataclasses import dataclass

from gremlin_python.process.graph_traversal import __
from gremlin_python.structure.graph import Edge, Path, Property, Vertex, VertexProperty


@dataclass(frozen=True)
class Child:
    """A child traversal: its calls."""

    calls: tuple


def build(source, calls):
    """Make the calls, each (method, arguments), on a traversal source or on `__`."""
    for method, args in calls:
        source = getattr(source, method)(*(build(__, arg.calls) if isinstance(arg, Child) else arg for arg in args))
    return source


def show(calls):
    """Write a recipe as one would type it."""
    shown = (
        f"{method}({', '.join('__.' + show(arg.calls) if isinstance(arg, Child) else repr(arg) for arg in args)})"
        for method, args in calls
    )
    return ".".join(shown)


def normal(value, *, ordered=False):
    """Reduce an answer to what has to agree: elements to ids, lists to multisets unless their order was asked for."""
    if isinstance(value, Vertex | Edge):
        ends = (value.outV.id, value.inV.id, value.outV.label) if isinstance(value, Edge) else ()
        return (type(value).__name__, value.id, value.label, *ends)
    if isinstance(value, VertexProperty | Property):
        return ("property", value.key, normal(value.value))
    if isinstance(value, Path):
        labels = tuple(tuple(sorted(names)) for names in value.labels)
        return ("path", labels, tuple(normal(item) for item in value.objects))
    if isinstance(value, dict):
        return (
            "map",
            tuple(sorted(((normal(key), normal(item, ordered=ordered)) for key, item in value.items()), key=repr)),
        )
    if isinstance(value, list | tuple):
        items = [normal(item, ordered=ordered) for item in value]
        return ("list", tuple(items if ordered else sorted(items, key=repr)))
    if isinstance(value, set | frozenset):
        # gremlinpython gives a list in its place where a member is a list.
        return ("list", tuple(sorted(map(normal, value), key=repr)))
    kind = {bool: "truth", float: "float", str: "text"}.get(type(value), "whole" if isinstance(value, int) else "token")
    return (kind, value if kind != "token" else str(value))
