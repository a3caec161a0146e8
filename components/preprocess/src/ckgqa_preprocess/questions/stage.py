"""`questions`: a graph, an archive of labelled questions, or both become questions to train, validate and test with."""

import logging
from pathlib import Path

from ckgqa.runtime.artefacts import LABELS_JSON, QUESTIONS, SPLITS, Split, split_file
from ckgqa.runtime.errors import InputError, naming_input
from ckgqa.runtime.files import atomic_folder, tree_hash
from ckgqa.runtime.jsonlines import JsonObject, write_json, write_jsonl
from ckgqa.runtime.log import log_metrics
from ckgqa.runtime.manifest import Manifest, write_manifest
from ckgqa.runtime.optional_inputs import optional_input
from ckgqa.runtime.settings import plain_settings
from ckgqa_preprocess.questions.archive.read import RawQuestion, RawQuestions, read_raw_questions
from ckgqa_preprocess.questions.archive.split import split_raw_questions, wording_labels
from ckgqa_preprocess.questions.artefact import QuestionRecord, generated_records, labels, raw_record
from ckgqa_preprocess.questions.coverage import (
    HOLD_OUT_LEVELS,
    absent_predicates,
    hold_out_levels,
    require_questions_about_facts,
)
from ckgqa_preprocess.questions.generate import generate
from ckgqa_preprocess.questions.graph.facts import FactGraph
from ckgqa_preprocess.questions.graph.read_csv import read_graph
from ckgqa_preprocess.questions.graph.schema_file import read_any_schema
from ckgqa_preprocess.questions.name_assignment import EVALUATION_SPLITS
from ckgqa_preprocess.questions.sampler import SeenQuestions
from ckgqa_preprocess.questions.settings import QuestionSettings
from ckgqa_preprocess.questions.summary import Summary
from ckgqa_preprocess.questions.templates.catalogue import build_catalogue
from ckgqa_preprocess.questions.templates.loader import read_templates
from ckgqa_preprocess.questions.templates.realizer import Realizer
from ckgqa_preprocess.schema import Schema

logger = logging.getLogger(__name__)

MADE_BY = "preprocess questions"


def preprocess_questions(settings: QuestionSettings) -> None:
    """Generate labelled questions about a graph, read them from an archive, or both.

    Raises:
        InputError: an input is damaged or of another kind, or a wording is malformed.
    """
    assembly = _Assembly(settings)
    with atomic_folder(settings.questions) as folder:
        assembly.add_archive()
        assembly.add_generated()
        records = assembly.records
        for split in SPLITS:
            write_jsonl(folder / split_file(split), records[split])
        names = labels(assembly.schema, assembly.raw.steps if assembly.raw else ())
        write_json(folder / LABELS_JSON, names)
        Summary(records, assembly.wording_key, names["steps"], assembly.notes).write(folder)
        write_manifest(folder, assembly.manifest())
    log_metrics(logger, **{split: float(len(records[split])) for split in SPLITS})


def check_questions(settings: QuestionSettings) -> None:
    """Read the wordings, the schema, the archive and the graph to their ends, and write nothing.

    Raises:
        InputError: an input is damaged or of another kind, or a wording is malformed.
    """
    assembly = _Assembly(settings)
    if settings.raw is not None:
        with naming_input("--raw", settings.raw):
            assembly.add_archive()
    if settings.graph_csv is not None:
        with naming_input("--graph-csv", settings.graph_csv):
            assembly.read_graph()
    if assembly.schema is not None:
        with naming_input("--templates", Path(settings.templates)):
            build_catalogue(assembly.templates, assembly.schema)


class _Assembly:
    """Collects the records from both sources."""

    def __init__(self, settings: QuestionSettings) -> None:
        self.settings = settings
        with naming_input("--templates", Path(settings.templates)):
            self.templates = read_templates(Path(settings.templates) if settings.templates else None)
        self.wording_key = Realizer(self.templates).wording_key
        schema = optional_input(settings.schema)
        self.schema: Schema | None = None
        if schema is not None:
            with naming_input("--schema", schema):
                self.schema = read_any_schema(schema)
        self.raw: RawQuestions | None = None
        self.records: dict[Split, list[QuestionRecord]] = {split: [] for split in SPLITS}
        self.notes: JsonObject = {}
        self._seen = SeenQuestions()
        self._trained_names: set[str] = set()

    def add_archive(self) -> None:
        """Read and split the archive's questions, and reserve their texts, wordings and names."""
        archive = optional_input(self.settings.raw)
        if archive is None:
            return
        self.raw = read_raw_questions(archive, self.settings.max_bad_fraction)
        _reject_unknown_predicates(self.raw, self.schema)
        wordings = wording_labels(self.raw.questions, self.wording_key)
        for split, questions in split_raw_questions(self.raw.questions, self.settings, self.wording_key).items():
            self.records[split] += [raw_record(question, wordings[question.line]) for question in questions]
            self._reserve(split, questions)
        self.notes["raw"] = {
            "duplicates": self.raw.duplicates,
            "bad": self.raw.bad.counts.total(),
            "reasons": dict(self.raw.bad.counts),
        }

    def _reserve(self, split: Split, questions: list[RawQuestion]) -> None:
        self._seen.texts |= {question.text.words for question in questions}
        if split == "train":
            self._trained_names |= {question.text.mentions[0].name for question in questions}
        if split == "train" or self.settings.raw_split == "wording":
            self._seen.wording_keys[split] |= {self.wording_key(question.text) for question in questions}

    def add_generated(self) -> None:
        """Generate questions about the graph."""
        settings, graph = self.settings, self.read_graph()
        if graph is None or self.schema is None:
            return
        sizes: dict[Split, int] = {
            "train": settings.train_size, "validation": settings.validation_size, "test": settings.test_size,
        }  # fmt: skip
        generated = generate(
            graph, self.schema, self.templates,
            sizes=sizes, seed=settings.seed, seen=self._seen, trained_names=self._trained_names,
        )  # fmt: skip
        number = 1
        for split in SPLITS:
            records = list(generated_records(generated.dialogues[split], number))
            self.records[split] += records
            number += len(records)
        self.notes |= {
            "graph": {
                "names": len(graph.entities),
                "facts": len(graph.facts),
                "facts_outside_the_schema": graph.out_of_schema,
            },
            "generated_duplicates_left_out": {split: self._seen.duplicates[split] for split in SPLITS},
            "predicates_without_templates": list(generated.without_templates),
        }
        require_questions_about_facts(self.records, sizes, len(graph.facts))
        self._note_coverage(graph)

    def _note_coverage(self, graph: FactGraph) -> None:
        """Report the predicates that a split does not ask, and how the names of validation and test are held out."""
        absent = absent_predicates(self.records, graph.by_predicate)
        for split, predicates in absent.items():
            if predicates:
                logger.warning(
                    "%s: no question asks %d of the graph's %d predicates: %s",
                    split, len(predicates), len(graph.by_predicate), ", ".join(predicates),
                )  # fmt: skip
        levels = {split: hold_out_levels(self.records, split) for split in EVALUATION_SPLITS}
        self.notes["predicates_not_asked"] = {split: list(predicates) for split, predicates in absent.items()}
        self.notes["held_out_by"] = {
            level: {split: counts[level] for split, counts in levels.items()} for level in HOLD_OUT_LEVELS
        }

    def read_graph(self) -> FactGraph | None:
        """Read the graph; return None if there is none."""
        folder = optional_input(self.settings.graph_csv)
        if folder is None or self.schema is None:
            return None
        return read_graph(folder, self.schema, self.settings.max_facts)

    def manifest(self) -> Manifest:
        """Describe the origin of the artefact."""
        settings = self.settings
        paths = {
            "graph_csv": optional_input(settings.graph_csv),
            "schema": optional_input(settings.schema),
            "raw": optional_input(settings.raw),
            "templates": Path(settings.templates) if settings.templates else None,
        }
        return Manifest(
            *QUESTIONS,
            schema_hash="" if self.schema is None else self.schema.hash,
            made_by=MADE_BY,
            settings={name: value for name, value in plain_settings(settings).items() if name != "templates"},
            inputs={name: tree_hash(path) for name, path in paths.items() if path is not None},
        )


def _reject_unknown_predicates(raw: RawQuestions, schema: Schema | None) -> None:
    """Raise InputError if an archive asks for predicates that the schema lacks."""
    unknown = sorted({step.predicate for step in raw.steps} - set(schema.by_predicate)) if schema else []
    if unknown:
        known = ", ".join(sorted(schema.by_predicate)) if schema else ""
        raise InputError(f"the archive's labels ask for {unknown[0]!r}, which the schema lacks; it has {known}")
