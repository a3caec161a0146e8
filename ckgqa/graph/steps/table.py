"""The table of all steps that the embedded engine runs, under the names that they have in bytecode."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gremlin_python.process.traversal import T

from ckgqa.graph.bytecode import MODULATORS
from ckgqa.graph.machine import StepSpec
from ckgqa.graph.steps import branch, filters, navigate, shortcuts, transform, write

_EVERY_LIST = "; inside lists with Scope.local"
_OF_NOTHING = f"{_EVERY_LIST}; of nothing there is none"

STEPS: Final[Mapping[str, StepSpec]] = MappingProxyType(
    {
        # Navigation and properties
        "V": StepSpec(
            navigate.start_vertices,
            "all vertices, or those with the ids given; also in mid-traversal",
            navigate.check_ids,
        ),
        "E": StepSpec(
            navigate.start_edges, "all edges, or those with the ids given; as the first step only", navigate.check_ids
        ),
        **{
            direction: StepSpec(
                navigate.to_neighbours(direction),
                f"neighbours along edges, {direction} ways, all or by label",
                navigate.check_labels,
            )
            for direction in ("out", "in", "both")
        },
        **{
            f"{direction}E": StepSpec(
                navigate.to_edges(direction),
                f"the edges themselves, {direction} ways, all or by label",
                navigate.check_labels,
            )
            for direction in ("out", "in", "both")
        },
        "outV": StepSpec(navigate.to_out_vertex, "the vertex where an edge starts"),
        "inV": StepSpec(navigate.to_in_vertex, "the vertex where an edge ends"),
        "bothV": StepSpec(navigate.to_both_vertices, "both ends of an edge"),
        "otherV": StepSpec(navigate.to_other_vertex, "the end of an edge that the traverser did not come from"),
        "values": StepSpec(navigate.to_values, "the values of properties, all or those named", navigate.check_keys),
        "properties": StepSpec(
            navigate.to_properties, "the properties themselves, all or those named", navigate.check_keys
        ),
        "valueMap": StepSpec(
            navigate.to_value_map,
            "a map of properties (lists on vertices); `True` or with(tokens) adds id and label; "
            "by() changes each value",
            navigate.check_keys,
        ),
        "elementMap": StepSpec(
            navigate.to_element_map,
            "a map of id, label, an edge's ends, and one value of each property",
            navigate.check_keys,
        ),
        "id": StepSpec(navigate.to_token(T.id), "the id of an element"),
        "label": StepSpec(navigate.to_token(T.label), "the label of an element"),
        "key": StepSpec(navigate.to_token(T.key), "the name of a property"),
        "value": StepSpec(navigate.to_token(T.value), "the value of a property"),
        # Filters
        "has": StepSpec(
            filters.has,
            "has(key), has(key, value or predicate), has(label, key, value or predicate); "
            "the key may be T.id or T.label",
            filters.check_has,
        ),
        "hasNot": StepSpec(filters.has_not, "elements without a property", filters.check_named),
        "hasLabel": StepSpec(
            filters.has_token(T.label),
            "elements with one of the labels, or one that passes a predicate",
            filters.check_named,
        ),
        "hasId": StepSpec(
            filters.has_token(T.id), "elements with one of the ids, or one that passes a predicate", filters.check_named
        ),
        "hasKey": StepSpec(filters.has_token(T.key), "properties with one of the names", filters.check_named),
        "hasValue": StepSpec(filters.has_token(T.value), "properties with one of the values", filters.check_named),
        "is": StepSpec(filters.is_, "values that are equal, or pass a predicate", filters.check_named),
        "not": StepSpec(filters.keep(filters.passes_not), "what a traversal finds nothing for", filters.check_plans),
        "and": StepSpec(
            filters.keep(filters.passes_all), "what all traversals find something for", filters.check_plans
        ),
        "or": StepSpec(
            filters.keep(filters.passes_any), "what one of the traversals finds something for", filters.check_plans
        ),
        "filter": StepSpec(filters.keep(filters.passes), "what a traversal finds something for", filters.check_plans),
        "where": StepSpec(
            filters.where,
            "a traversal that finds something, from and to labels too; or a predicate of labels, with by()",
            filters.check_where,
        ),
        "dedup": StepSpec(filters.dedup, f"each value once; by() or labels say what makes two the same{_EVERY_LIST}"),
        "limit": StepSpec(filters.window, f"the first so many{_EVERY_LIST}", filters.check_bounds),
        "skip": StepSpec(filters.window, f"all but the first so many{_EVERY_LIST}", filters.check_bounds),
        "range": StepSpec(filters.window, f"from one position up to another{_EVERY_LIST}", filters.check_bounds),
        "tail": StepSpec(filters.tail, f"the last so many, one if no number is given{_EVERY_LIST}", filters.check_tail),
        "simplePath": StepSpec(filters.keep(filters.is_simple), "ways that meet nothing twice"),
        "cyclicPath": StepSpec(filters.keep(filters.is_cyclic), "ways that meet something twice"),
        "identity": StepSpec(filters.keep(filters.always), "everything"),
        "discard": StepSpec(filters.discard, "nothing: the traversal runs for what it does"),
        "none": StepSpec(filters.discard, "nothing, as discard was called before 3.8", filters.check_none),
        # Values from values
        "as": StepSpec(transform.label, "a label for the object, for select, where, dedup and path"),
        "constant": StepSpec(transform.constant, "the same value for everything"),
        "inject": StepSpec(transform.inject, "more values, as the first step or in between"),
        "select": StepSpec(
            transform.select,
            "what labels stand for or a map's keys hold, one or several; Column.keys, Column.values; Pop; by()",
            transform.check_select,
        ),
        "project": StepSpec(
            transform.project,
            "a map of names, each filled by its by(); one that finds nothing is left out",
            transform.check_project,
        ),
        "path": StepSpec(transform.path, "the way so far, each object looked at by by() in turn"),
        "fold": StepSpec(transform.fold, "all values in one list"),
        "unfold": StepSpec(transform.unfold, "the values of a list or a path, the entries of a map, one by one"),
        "sum": StepSpec(transform.reduce_by(transform.total), f"the sum{_OF_NOTHING}"),
        "mean": StepSpec(transform.reduce_by(transform.mean), f"the mean{_OF_NOTHING}"),
        "min": StepSpec(transform.reduce_by(transform.smallest), f"the smallest value{_OF_NOTHING}"),
        "max": StepSpec(transform.reduce_by(transform.greatest), f"the largest value{_OF_NOTHING}"),
        "count": StepSpec(transform.count, "how many; inside lists, maps and paths with Scope.local"),
        "order": StepSpec(
            transform.order,
            "sorted by one or more by(), asc or desc; what a by() finds nothing for is left out; Scope.local",
            transform.check_order,
        ),
        "group": StepSpec(
            transform.group,
            "a map of lists by the first by(); the second by() says what of each, or reduces them",
            transform.check_group,
        ),
        "groupCount": StepSpec(
            transform.group_count, "a map of how many there are of each, by its by()", transform.check_group_count
        ),
        # Child traversals
        "union": StepSpec(branch.union, "the results of all traversals; also as the first step", branch.check_children),
        "coalesce": StepSpec(branch.coalesce, "the results of the first traversal that has any", branch.check_children),
        "optional": StepSpec(
            branch.optional,
            "the results of a traversal, or the object itself where it has none",
            branch.check_optional,
        ),
        "choose": StepSpec(
            branch.choose,
            "choose(question, then) and choose(question, then, otherwise), all three traversals",
            branch.check_choose,
        ),
        "local": StepSpec(branch.local, "a traversal for each object on its own", branch.check_child),
        "flatMap": StepSpec(
            branch.flat_map, "all results of a traversal, the way inside it not kept", branch.check_child
        ),
        "map": StepSpec(branch.map_, "the first result of a traversal", branch.check_child),
        "sideEffect": StepSpec(
            branch.side_effect, "a traversal for what it does; the object goes on", branch.check_child
        ),
        "barrier": StepSpec(branch.barrier, "everything, gathered before it goes on"),
        "repeat": StepSpec(
            branch.repeat,
            "a traversal again and again: times(n), until(traversal), emit() and emit(traversal), before or behind",
            branch.check_repeat,
        ),
        # Writing
        "addV": StepSpec(
            write.add_vertex,
            "a new vertex, its id by property(T.id, text) right behind, else a new one",
            write.check_label,
        ),
        "addE": StepSpec(
            write.add_edge,
            "a new edge; from() and to() take a label, a traversal or a vertex; its id as for addV",
            write.check_label,
        ),
        "property": StepSpec(
            write.write_property,
            "a value: property(single or set, name, value); without cardinality a set on vertices, as in Neptune",
            write.check_property,
        ),
        "drop": StepSpec(write.drop, "removes vertices with their edges, edges, or properties"),
        # What `shortcuts.shorten` puts in the place of other steps; no traversal can name them.
        "~countAll": StepSpec(shortcuts.count_all, ""),
        "~countMoves": StepSpec(shortcuts.count_moves, ""),
    }
)

KNOWN: Final = frozenset(name for name in STEPS if not name.startswith("~"))
"""The steps that a traversal can name."""


def steps_table() -> str:
    """Return the table of steps and modulators for the README."""
    rows = [f"| `{name}` | {STEPS[name].summary} |" for name in sorted(KNOWN, key=str.lower)]
    for name, owners in MODULATORS.items():
        rows.append(f"| `{name}` | behind {', '.join(f'`{one}`' for one in sorted(owners))} |")
    return "\n".join(["| step | what it gives |", "| --- | --- |", *rows])
