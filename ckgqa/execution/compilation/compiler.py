"""Compile a pipeline to KFP's IR with its images pinned, and lint the result."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from kfp import compiler
from kfp.pipeline_spec.pipeline_spec_pb2 import PipelineSpec

from ckgqa.bundle.pipelines.add_texts import add_texts
from ckgqa.bundle.pipelines.knowledge_graph import knowledge_graph
from ckgqa.bundle.pipelines.question_answering import question_answering
from ckgqa.execution.compilation import ir, lint
from ckgqa.execution.compilation.parameters import check_parameters
from ckgqa.execution.compilation.task_settings import apply_settings, read_settings
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.files import atomic_file
from ckgqa.runtime.settings import refusal

PIPELINES = {
    "knowledge-graph": knowledge_graph,
    "question-answering": question_answering,
    "add-texts": add_texts,
}
Pin = Callable[[str], str]
"""Turns the bare name of an image, `ckgqa/notify`, into one that identifies a build, by a tag or a digest."""


def compile_pipeline(name: str, output: Path, pin: Pin, assignments: Mapping[str, str] | None = None) -> None:
    """Compile the pipeline `name`, pin its images, lint it, and write it whole or not at all.

    Args:
        name: of the pipeline.
        output: the file to write.
        pin: pins each image.
        assignments: text by `TASK.NAME`, a setting of a task, or by `NAME`, the default of a pipeline parameter.

    Raises:
        InputError: there is no such pipeline or setting, or the result has faults.
    """
    if name not in PIPELINES:
        raise InputError(refusal("PIPELINE", name, f"one of {', '.join(PIPELINES)}"))
    with atomic_file(output) as work:
        # KFP takes a name that ends in .yaml only.
        compiled = work.with_suffix(".yaml")
        try:
            compiler.Compiler().compile(PIPELINES[name], str(compiled))
            text = _pinned(compiled.read_text(encoding="utf-8"), pin)
            compiled.write_text(text, encoding="utf-8")
            if assignments:
                text = assign(text, ir.load_ir(compiled), assignments)
            work.write_text(text, encoding="utf-8")
        finally:
            compiled.unlink(missing_ok=True)
        faults = lint.find_faults(ir.load_ir(work))
        if faults:
            raise InputError(f"the pipeline {name}: " + "; ".join(faults))


def assign(text: str, spec: PipelineSpec, assignments: Mapping[str, str]) -> str:
    """Set settings of tasks, and defaults of pipeline parameters, in the text of a compiled pipeline.

    Args:
        text: the YAML.
        spec: the same pipeline, read.
        assignments: text by `TASK.NAME` or by `NAME`.

    Raises:
        InputError: there is no such task, setting or parameter, or its value is not allowed.
    """
    own = {name: value for name, value in assignments.items() if "." not in name}
    ir.refuse_unknown(spec, own)
    defaults = ir.typed(spec, own)
    check_parameters(spec, defaults)
    settings = read_settings(spec, {name: value for name, value in assignments.items() if "." in name})

    def change(document: dict[str, Any]) -> None:
        for name, value in defaults.items():
            document["root"]["inputDefinitions"]["parameters"][name] |= {"defaultValue": value, "isOptional": True}
        apply_settings(document, spec, settings)

    return ir.edit_text(text, change)


def _pinned(text: str, pin: Pin) -> str:
    """Pin the image of every container of a compiled pipeline."""

    def change(document: dict[str, Any]) -> None:
        for executor in document["deploymentSpec"]["executors"].values():
            container = executor.get("container")
            if container is not None and not ir.tag_of(container["image"]):
                container["image"] = pin(container["image"])

    return ir.edit_text(text, change)
