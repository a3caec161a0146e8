"""`questions`: a graph, an archive of labelled questions, or both become questions to train, choose and test with."""

import logging
from pathlib import Path

from ckgqa.runtime.artefacts import LABELS_JSON, QUESTIONS
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.files import atomic_folder, tree_hash
from ckgqa.runtime.jsonlines import JsonObject, write_json, write_jsonl
from ckgqa.runtime.log import log_metrics
from ckgqa.runtime.manifest import Manifest, write_manifest
from ckgqa.runtime.optional_inputs import optional_input
from ckgqa.runtime.settings import plain_settings
from ckgqa_preprocess.questions.artefact import QuestionRecord, generated_records, labels, raw_record
from ckgqa_preprocess.questions.drawing import Seen
from ckgqa_preprocess.questions.generate import generate
from ckgqa_preprocess.questions.graph_csv import read_graph
from ckgqa_preprocess.questions.raw import RawQuestion, RawQuestions, read_raw
from ckgqa_preprocess.questions.raw_split import split_raw, wording_labels
from ckgqa_preprocess.questions.schema_file import read_any_schema, schema_hash
from ckgqa_preprocess.questions.settings import QuestionSettings
from ckgqa_preprocess.questions.splits import SPLITS, Split
from ckgqa_preprocess.questions.summary import Summary
from ckgqa_preprocess.questions.templates import Templates, read_templates
from ckgqa_preprocess.questions.writer import Writer
from ckgqa_preprocess.schema import Schema

logger = logging.getLogger(__name__)

MADE_BY = "preprocess questions"


def preprocess_questions(settings: QuestionSettings) -> None:
    """Make labelled questions about a graph, and take those of an archive.

    Raises:
        InputError: an input is not what it should be, or a wording is wrong.
    """
    work = _Work(settings)
    with atomic_folder(settings.questions) as folder:
        work.take_archive()
        work.ask_about_graph()
        for split in SPLITS:
            write_jsonl(folder / f"{split}.jsonl", work.records[split])
        names = labels(work.schema, work.raw.steps if work.raw else ())
        write_json(folder / LABELS_JSON, names)
        Summary(work.records, work.writer.keys, names["steps"], work.notes).write(folder)
        write_manifest(folder, work.manifest())
    log_metrics(logger, **{split: float(len(work.records[split])) for split in SPLITS})


class _Work:
    """The records as they come together."""

    def __init__(self, settings: QuestionSettings) -> None:
        self.settings = settings
        self.templates: Templates = read_templates(Path(settings.templates) if settings.templates else None)
        self.writer = Writer(self.templates)
        schema = optional_input(settings.schema)
        self.schema = None if schema is None else read_any_schema(schema)
        self.raw: RawQuestions | None = None
        self.records: dict[Split, list[QuestionRecord]] = {split: [] for split in SPLITS}
        self.notes: JsonObject = {}
        self.seen = Seen()
        self._trained: set[str] = set()

    def take_archive(self) -> None:
        """Split the archive's questions, and note what the generator has to keep clear of."""
        archive = optional_input(self.settings.raw)
        if archive is None:
            return
        self.raw = read_raw(archive, self.settings.max_bad_fraction)
        _refuse_strange_steps(self.raw, self.schema)
        sides = split_raw(self.raw.questions, self.settings, self.writer.keys)
        wordings = wording_labels(self.raw.questions, self.writer.keys)
        for split, questions in sides.items():
            self.records[split] += [raw_record(one, wordings[one.line]) for one in questions]
            self._note(split, questions)
        self.notes["raw"] = {
            "duplicates": self.raw.duplicates,
            "bad": self.raw.bad.counts.total(),
            "reasons": dict(self.raw.bad.counts),
        }

    def _note(self, split: Split, questions: list[RawQuestion]) -> None:
        self.seen.texts |= {one.text.words for one in questions}
        if split == "train":
            self._trained |= {one.text.mentions[0].name for one in questions}
        if split == "train" or self.settings.raw_split == "wording":
            self.seen.keys[split] |= {self.writer.keys(one.text) for one in questions}

    def ask_about_graph(self) -> None:
        """Draw questions about the graph."""
        settings, folder = self.settings, optional_input(self.settings.graph_csv)
        if folder is None or self.schema is None:
            return
        graph = read_graph(folder, self.schema, schema_hash(self.schema), settings.max_facts)
        sizes: dict[Split, int] = {
            "train": settings.train_size, "validation": settings.validation_size, "test": settings.test_size,
        }  # fmt: skip
        made = generate(
            graph, self.schema, self.templates,
            sizes=sizes, seed=settings.seed, seen=self.seen, trained_names=self._trained,
        )  # fmt: skip
        number = 1
        for split in SPLITS:
            records = list(generated_records(made.talks[split], number))
            self.records[split] += records
            number += len(records)
        self.notes |= {
            "graph": {"names": len(graph.names), "facts": len(graph.facts), "facts_outside_the_schema": graph.strange},
            "generated_duplicates_left_out": {split: self.seen.duplicates[split] for split in SPLITS},
            "predicates_without_templates": list(made.without_templates),
        }

    def manifest(self) -> Manifest:
        """Say what made the folder."""
        settings = self.settings
        paths = {
            "graph_csv": optional_input(settings.graph_csv),
            "schema": optional_input(settings.schema),
            "raw": optional_input(settings.raw),
            "templates": Path(settings.templates) if settings.templates else None,
        }
        return Manifest(
            format=QUESTIONS.name,
            version=QUESTIONS.version,
            schema_hash="" if self.schema is None else schema_hash(self.schema),
            made_by=MADE_BY,
            settings={name: value for name, value in plain_settings(settings).items() if name != "templates"},
            inputs={name: tree_hash(path) for name, path in paths.items() if path is not None},
        )


def _refuse_strange_steps(raw: RawQuestions, schema: Schema | None) -> None:
    """Raise InputError where an archive asks for predicates that the schema lacks."""
    strange = sorted({step.predicate for step in raw.steps} - set(schema.by_predicate)) if schema else []
    if strange:
        known = ", ".join(sorted(schema.by_predicate)) if schema else ""
        raise InputError(f"the archive's labels ask for {strange[0]!r}, which the schema lacks; it has {known}")
