"""What `csv` must write, worked out in plain Python with dictionaries and everything in memory."""

import hashlib
from collections import defaultdict


def digest(*parts):
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def expected_edges(labelled, extracted):
    """Map edge id -> (from, to, label, source, score, count, evidence) from two lists of sentence records."""
    ends, statements = _statements(labelled, extracted)
    rows = {}
    for key, ranked in statements.items():
        best = ranked[0][1]
        source = "labelled" if best[0] else "extracted"
        rows[key] = (*ends[key], source, best[1], len(ranked), " ".join(name for name, _ in ranked[:3]))
    return rows


def expected_edge_sentences(labelled, extracted):
    """Map edge id -> [sentence, source, score], the best first."""
    return {
        key: [[name, "labelled" if is_labelled else "extracted", str(score)] for name, (is_labelled, score) in ranked]
        for key, ranked in _statements(labelled, extracted)[1].items()
    }


def _statements(labelled, extracted):
    """Map edge id -> ends, and edge id -> sentences with (labelled, score), the best first."""
    ends, statements = {}, defaultdict(dict)

    def state(key, source, target, label, statement):
        ends[key] = (source, target, label)
        name, rank = statement
        statements[key][name] = max(statements[key].get(name, (False, 0.0)), rank)

    for is_labelled, records in ((True, labelled), (False, extracted)):
        for record in records:
            for found in record["triples"]:
                subject, predicate, slots = found["subject"], found["predicate"], found["object"]
                statement = (record["id"], (is_labelled, 1.0 if is_labelled else found["score"]))
                key = digest(subject, predicate, slots["@value"])
                state(key, digest(subject), digest(slots["@value"]), predicate, statement)
                if len(slots) > 1:
                    fact = fact_id(found)
                    for slot, value in {**slots, "subject": subject}.items():
                        state(digest(fact, slot), fact, digest(value), slot, statement)
    return ends, {
        key: sorted(by_sentence.items(), key=lambda pair: (not pair[1][0], -pair[1][1], pair[0]))
        for key, by_sentence in statements.items()
    }


def fact_id(found):
    return digest(found["subject"], found["predicate"], *sorted(f"{s}={v}" for s, v in found["object"].items()))


def expected_vertices(records, alias_predicates):
    """Map vertex id -> (label, name, types, predicate, aliases)."""
    names, types, aliases, facts = {}, defaultdict(set), defaultdict(set), {}
    for record in records:
        for found in record["triples"]:
            subject, slots = found["subject"], found["object"]
            named = [(subject, found["subject_type"]), *((v, found["object_type"][s]) for s, v in slots.items())]
            for name, kind in named:
                names[digest(name)] = name
                types[digest(name)].add(kind)
            if found["predicate"] in alias_predicates and slots["@value"] != subject:
                aliases[digest(subject)].add(slots["@value"])
            if len(slots) > 1:
                facts[fact_id(found)] = found["predicate"]
    rows = {key: ("entity", name, sorted(types[key]), "", sorted(aliases[key])) for key, name in names.items()}
    return rows | {key: ("fact", "", [], predicate, []) for key, predicate in facts.items()}


def expected_quality(test, extracted):
    """Return (texts, gold, found, right) over the test texts that were extracted from."""
    here = {record["id"] for record in extracted} & {record["id"] for record in test}

    def edges(records):
        return {
            (found["subject"], found["predicate"], found["object"]["@value"])
            for record in records
            if record["id"] in here
            for found in record["triples"]
        }

    gold, found = edges(test), edges(extracted)
    return len(here), len(gold), len(found), len(gold & found)
