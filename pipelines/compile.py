"""Compile a pipeline to KFP's IR with its images pinned, and lint the result."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal, get_args

import yaml
from kfp import compiler

from ckgqa.bundle.pipelines import ir, lint
from ckgqa.bundle.pipelines.add_texts import add_texts
from ckgqa.bundle.pipelines.knowledge_graph import knowledge_graph
from ckgqa.bundle.pipelines.question_answering import question_answering
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.files import atomic_file

PIPELINES = {
    "knowledge-graph": knowledge_graph,
    "question-answering": question_answering,
    "add-texts": add_texts,
}
Target = Literal["local"]
TARGETS: tuple[str, ...] = get_args(Target)

Pin = Callable[[str], str]
"""Turns an image's bare name, `ckgqa/notify`, into one that says exactly which build: with a tag or a digest."""


def compile_pipeline(name: str, output: Path, pin: Pin, target: str = "local") -> None:
    """Compile the pipeline `name`, pin its images, lint it, and write it whole or not at all.

    Raises:
        InputError: there is no such pipeline or target, or the result has faults.
    """
    if name not in PIPELINES:
        raise InputError(f"there is no pipeline {name!r}; there are: {', '.join(PIPELINES)}")
    if target not in TARGETS:
        raise InputError(f"the target {target!r} is not known; there are: {', '.join(TARGETS)}")
    with atomic_file(output) as work:
        # KFP takes a name that ends in .yaml only.
        compiled = work.with_suffix(".yaml")
        try:
            compiler.Compiler().compile(PIPELINES[name], str(compiled))
            work.write_text(_pinned(compiled.read_text(encoding="utf-8"), pin), encoding="utf-8")
        finally:
            compiled.unlink(missing_ok=True)
        faults = lint.find_faults(ir.load_ir(work))
        if faults:
            raise InputError(f"the pipeline {name}: " + "; ".join(faults))


def _pinned(text: str, pin: Pin) -> str:
    """Give every container of a compiled pipeline its pinned image; the comment at the top stays."""
    document = yaml.safe_load(text)
    for executor in document["deploymentSpec"]["executors"].values():
        container = executor.get("container")
        if container is not None and not ir.tag_of(container["image"]):
            container["image"] = pin(container["image"])
    comment = "".join(line for line in text.splitlines(keepends=True) if line.startswith("#"))
    return comment + yaml.safe_dump(document, sort_keys=True, allow_unicode=True)
