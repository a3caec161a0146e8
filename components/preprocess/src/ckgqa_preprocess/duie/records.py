"""Validation of one line of an archive: it becomes a sentence, or is bad with a reason.

One triple beyond repair makes the whole record bad: without that triple, the sentence would teach and score as if the
fact were not in it.
"""

import re
import unicodedata
from typing import Any, TypedDict

import orjson

from ckgqa.runtime.artefacts import VALUE
from ckgqa.runtime.white_space import BLANK, is_blank, trimmed
from ckgqa_preprocess.findings import BadRecord
from ckgqa_preprocess.schema import PredicateSignature, Schema

Repairs = list[tuple[str, str]]
"""(kind of repair, detail for the report) pairs; functions append to it."""

TRIMMED = "white space around names taken off"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # Unicode's category Cc, line ends and tabs included
_DOTS = "·•・‧∙⋅.．。"  # marks between the parts of a foreign name


class TripleRecord(TypedDict):
    """One labelled fact; the subject and every slot's value occur verbatim in the sentence."""

    subject: str
    subject_type: str
    predicate: str
    object: dict[str, str]
    object_type: dict[str, str]


class SentenceRecord(TypedDict):
    """One line of the artefact `ckgqa/sentences`."""

    id: str
    text: str
    triples: list[TripleRecord]


class _Folding(dict[int, int]):
    """Maps a character to a representative of all its cases and widths, one to one, so that positions are unchanged."""

    def __missing__(self, code: int) -> int:
        plain = unicodedata.normalize("NFKC", chr(code)).lower()
        folded = "·" if chr(code) in _DOTS else plain
        self[code] = ord(folded) if len(folded) == 1 else code
        return self[code]


_FOLDING = _Folding()


def clean_record(line: bytes, sentence_id: str, schema: Schema, repairs: Repairs) -> SentenceRecord:
    """Validate one line, and repair defects that have one sensible repair.

    Args:
        line: one JSON object with `text` and `spo_list`, in UTF-8.
        sentence_id: id of the sentence.
        schema: the schema of the triples.
        repairs: receives an entry for each repair.

    Raises:
        BadRecord: the line cannot be used.
    """
    record = _parse(line)
    text, triples = record.get("text"), record.get("spo_list")
    if not isinstance(text, str) or is_blank(text):
        raise BadRecord("no text", f"text is {text!r}; a sentence is expected")
    if not isinstance(triples, list):
        raise BadRecord("no spo_list", f"spo_list is {triples!r}; a list of triples is expected, empty if need be")
    if not text.isprintable() and _CONTROL.search(text):
        text = _CONTROL.sub(" ", text)  # one for one: positions are unchanged
        repairs.append(("control characters in the text became spaces", f"now {text[:40]!r}"))
    cleaned = [_clean_triple(triple, text, schema, repairs) for triple in triples]
    if len(cleaned) > 1:
        cleaned = _distinct(cleaned, repairs)
    return {"id": sentence_id, "text": text, "triples": cleaned}


def _parse(line: bytes) -> dict[str, object]:
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        try:
            line.decode()
        except UnicodeDecodeError as cause:
            raise BadRecord("not UTF-8", f"not UTF-8 ({cause})") from error
        raise BadRecord("not JSON", f"not JSON ({error})") from error
    if not isinstance(record, dict):
        raise BadRecord("not an object", f"a JSON object is expected, not {type(record).__name__}")
    return record


def _clean_triple(raw: object, text: str, schema: Schema, repairs: Repairs) -> TripleRecord:
    if not isinstance(raw, dict):
        raise BadRecord("malformed triple", f"a triple is {raw!r}; a JSON object is expected")
    signature = _signature(raw, schema, repairs)
    values = raw.get("object")
    if isinstance(values, str):  # DuIE 1.0
        values = {VALUE: values}
    if not isinstance(values, dict) or (VALUE not in values and VALUE not in map(trimmed, values)):
        raise BadRecord(
            "malformed triple", f"the object of {signature.predicate!r} is {values!r}; {VALUE!r} is expected"
        )
    cleaned: dict[str, str] = {}
    for name, value in values.items():
        slot = name if name in signature.object_type else _trimmed(name, "slot", repairs)
        if slot in cleaned:
            raise BadRecord(
                "malformed triple", f"{signature.predicate!r} has the slot {slot!r} twice; expected it once"
            )
        if slot not in signature.object_type:
            wanted = ", ".join(signature.object_type)
            raise BadRecord("unknown slot", f"{signature.predicate!r} has no slot {slot!r}; the schema has {wanted}")
        if isinstance(value, str) and is_blank(value) and slot != VALUE:
            repairs.append(("empty slots left out", f"{signature.predicate} {slot}"))
            continue
        cleaned[slot] = _clean_name(value, slot, text, repairs)
    types = {slot: signature.object_type[slot] for slot in cleaned}
    object_type = raw.get("object_type")
    if object_type != types and object_type != types[VALUE]:
        repairs.append(("types taken from the schema", f"{signature.predicate}: {object_type!r} became {types!r}"))
    return {
        "subject": _clean_name(raw.get("subject"), "subject", text, repairs),
        "subject_type": signature.subject_type,
        "predicate": signature.predicate,
        "object": cleaned,
        "object_type": types,
    }


def _signature(raw: dict[str, object], schema: Schema, repairs: Repairs) -> PredicateSignature:
    """Find the signature of a triple by its predicate and subject type."""
    predicate, subject_type = raw.get("predicate"), raw.get("subject_type")
    if isinstance(predicate, str) and isinstance(subject_type, str):
        signature = schema.signatures.get((predicate, subject_type))
        if signature is not None:
            return signature
    predicate = _trimmed(predicate, "predicate", repairs)
    subject_type = _trimmed(subject_type, "subject type", repairs)
    if not isinstance(predicate, str) or predicate not in schema.by_predicate:
        raise BadRecord("unknown predicate", f"predicate {predicate!r} is not in the schema")
    if isinstance(subject_type, str) and (signature := schema.signatures.get((predicate, subject_type))):
        return signature
    signatures = schema.by_predicate[predicate]
    if len(signatures) > 1:
        wanted = ", ".join(sorted(signature.subject_type for signature in signatures))
        raise BadRecord("unknown subject type", f"{predicate!r} of {subject_type!r}; the schema has it of {wanted}")
    repairs.append(
        ("types taken from the schema", f"{predicate}: {subject_type!r} became {signatures[0].subject_type!r}")
    )
    return signatures[0]


def _trimmed(raw: Any, role: str, repairs: Repairs) -> Any:  # noqa: ANN401 -- any JSON value; only a text changes
    """Return a word of the schema without the white space around it."""
    if not isinstance(raw, str) or (word := trimmed(raw)) == raw:
        return raw
    repairs.append((TRIMMED, f"{role} {raw!r} became {word!r}"))
    return word


def _clean_name(raw: object, role: str, text: str, repairs: Repairs) -> str:
    """Return the name as the text spells it.

    Args:
        raw: the archive's value.
        role: `subject`, or the slot.
        text: the sentence, its control characters replaced.
        repairs: receives an entry if the name changes.
    """
    if not isinstance(raw, str):
        raise BadRecord("malformed triple", f"{role} is {raw!r}; a string is expected")
    if raw and raw in text and raw[0] not in BLANK and raw[-1] not in BLANK:
        return raw
    name = trimmed(_CONTROL.sub(" ", raw))
    if not name:
        raise BadRecord("empty name", f"{role} is {raw!r}; words of the text are expected")
    if name in text:
        repairs.append((TRIMMED, f"{role} {raw!r} became {name!r}"))
        return name
    start = text.translate(_FOLDING).find(name.translate(_FOLDING))
    if start < 0:
        kind = "subject" if role == "subject" else "value"
        raise BadRecord(f"{kind} not in the text", f"{role} {raw!r} is not in the text")
    spelled = text[start : start + len(name)]
    repairs.append(("names spelled as in the text", f"{role} {raw!r} became {spelled!r}"))
    return spelled


def _distinct(triples: list[TripleRecord], repairs: Repairs) -> list[TripleRecord]:
    """Drop each triple that repeats an earlier one: same subject, predicate and slots."""
    seen: dict[tuple[str, str, frozenset[tuple[str, str]]], TripleRecord] = {}
    for triple in triples:
        key = (triple["subject"], triple["predicate"], frozenset(triple["object"].items()))
        if key in seen:
            repairs.append(("duplicate triples left out", f"{triple['predicate']} of {triple['subject']!r}"))
        else:
            seen[key] = triple
    return list(seen.values())
