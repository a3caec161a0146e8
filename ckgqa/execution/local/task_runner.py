"""Run one task of a compiled pipeline for KFP's local orchestrator, which walks the graph and its conditions.

`TaskRunner.execute` replaces `execute_single_task` of KFP's orchestrator, the only function that knows the name, the
retries and the outputs of a task, so that the traps of KFP's local runner are avoided here: results are cached by
content, a declared output that was not written is an error, artefacts are passed on, and exit codes decide about
retries. KFP's own functions read and write placeholders, inputs and outputs.
"""

import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from google.protobuf import json_format
from kfp.dsl import Artifact
from kfp.pipeline_spec.pipeline_spec_pb2 import ComponentSpec, ExecutorInput, PipelineTaskSpec

from ckgqa.execution.kfp_compat import (
    ExecutorSpec,
    IOStore,
    Status,
    fill_placeholders,
    import_artifact,
    read_outputs,
    task_arguments,
)
from ckgqa.execution.local import cache
from ckgqa.execution.local.executor import Executor, JobSpec
from ckgqa.execution.local.external_resources import EXTERNAL_PARAMETERS
from ckgqa.execution.local.log_parser import STOPPED, LogParser, as_exit_code
from ckgqa.execution.local.task import ContainerTask
from ckgqa.execution.records.record import RunRecord, TaskState
from ckgqa.runtime.errors import EXIT_SERVICE, InputError, StageError
from ckgqa.runtime.files import tree_hash
from ckgqa.runtime.log import without_credentials
from ckgqa.runtime.retry import RetryPolicy
from ckgqa.runtime.sagemaker_env import CHECKPOINT_VARIABLE, RUN_VARIABLE

DEFAULT_BACKOFF_FACTOR = 2.0
DEFAULT_LONGEST_WAIT_S = 3600
"""The defaults of `set_retry` in KFP's SDK."""


@dataclass
class TaskRunner:
    """Runs the tasks of one run."""

    executor: Executor
    record: RunRecord
    names: Mapping[str, str]
    """Name of a task in the IR -> its name for people."""
    hashes: dict[Path, str] = field(default_factory=dict)
    """Path of an artefact -> hash of its content."""

    def execute(  # noqa: PLR0917 -- the orchestrator's own signature
        self,
        task_name: str,
        task_spec: PipelineTaskSpec,
        pipeline_resource_name: str,
        components: Mapping[str, ComponentSpec],
        executors: Mapping[str, ExecutorSpec],
        io_store: IOStore,
        pipeline_root: str,
        runner: object,  # noqa: ARG002 -- our executor decides, not KFP's runner
        unique_pipeline_id: str,
        fail_stack: list[str],  # noqa: ARG002 -- the orchestrator fills it
    ) -> tuple[dict[str, Any], Status]:
        """Run one task, or take its cached result, and return its outputs and its status."""
        component = components[task_spec.component_ref.name]
        executor = executors[component.executor_label]
        arguments = task_arguments(task_spec.inputs, io_store)
        name = self.names[task_name]
        try:
            if executor.WhichOneof("spec") == "importer":
                outputs = self._import(name, task_spec.component_ref.name, component, executor, arguments)
                return outputs, Status.SUCCESS
            task = ContainerTask(name, task_spec, component, executor.container, arguments)
            return self._run(task, pipeline_resource_name, pipeline_root, unique_pipeline_id)
        except StageError as error:
            reason = without_credentials(str(error))
            self.record.change(name, state="failed", exit_code=error.exit_code, error=reason)
            return {}, Status.FAILURE
        except KeyboardInterrupt:
            self.record.change(name, state="interrupted")
            raise

    def _import(
        self,
        name: str,
        component_name: str,
        component: ComponentSpec,
        executor: ExecutorSpec,
        arguments: dict[str, Any],
    ) -> dict[str, Any]:
        """Let KFP create the artefact of an importer, and check that its path exists."""
        outputs, path = import_artifact(component_name, component, executor, arguments, self.record.folder / "tasks")
        if not path.exists():
            raise InputError(f"{path}: expected an existing file or folder of this machine")
        self.record.change(name, state="done", outputs={"artifact": self._relative(path)})
        return outputs

    def _run(
        self, task: ContainerTask, resource_name: str, root: str, pipeline_id: str
    ) -> tuple[dict[str, Any], Status]:
        """Take the task's cached result, or run the task with its retries."""
        program = self.executor.program(task.container.image)
        key = cache.task_key(program, task.words, self._values(task), self._contents(task))
        folder = cache.folder_of(Path(root), task.name, key)
        executor_input = task.executor_input(folder)
        self.record.change(task.name, state="running", key=key, program=program, image=task.container.image)
        cached = cache.find_result(folder, key) if task.is_cacheable else None
        if cached is None:
            words = fill_placeholders(
                task.words, task.input_dict(executor_input), resource_name, task.name, root, pipeline_id
            )
            code = self._attempts(task, key, cache.fresh(folder), words)
            if code != 0:
                return {}, Status.FAILURE
            paths = self._written(task, executor_input)
        outputs = self._outputs(task, executor_input)
        if cached is None:
            done = self.record.tasks[task.name]
            cached = cache.store_result(folder, key, done.seconds, paths, done.metrics)
            state: TaskState = "done"
        else:
            state = "cached"
        places = {name: Path(value.path) for name, value in outputs.items() if isinstance(value, Artifact)}
        for path in places.values():
            self.hashes[path] = cached.outputs[path.relative_to(folder).as_posix()]
        shown = {
            name: self._relative(places[name]) if name in places else str(value) for name, value in outputs.items()
        }
        self.record.change(
            task.name, state=state, exit_code=0, seconds=cached.seconds, metrics=cached.metrics, outputs=shown
        )
        return outputs, Status.SUCCESS

    def _attempts(self, task: ContainerTask, key: str, folder: Path, words: list[str]) -> int:
        """Run the command until it succeeds, fails for good, or has no retries left; return the exit code."""
        retries = _retry_policy(task.spec)
        checkpoints = self.record.folder / "checkpoints" / folder.parent.name / key[: cache.KEY_CHARS]
        job = JobSpec(
            task=task.name,
            image=task.container.image,
            command=tuple(words),
            run_folder=self.record.folder,
            folder=folder,
            environment={
                **task.environment,
                CHECKPOINT_VARIABLE: str(checkpoints),
                RUN_VARIABLE: self.record.name,
            },
            reads=tuple(self._paths_elsewhere(task)),
            writes=task.external.folders(),
            network=task.external.network,
        )
        for attempt in range(1, retries.attempts + 1):
            code = self._attempt(job)
            if code != EXIT_SERVICE or attempt == retries.attempts:
                break
            self.record.change(task.name, state="retrying")
            time.sleep(retries.delay_s(attempt))
            cache.fresh(folder)
        if code == 0 and checkpoints.is_dir():
            self._clear_checkpoints(checkpoints, task.name)
        return code

    def _clear_checkpoints(self, checkpoints: Path, task: str) -> None:
        """Remove the checkpoints, which only an unfinished training needs, but keep its curves for TensorBoard."""
        curves, target = checkpoints / "tensorboard", self.record.folder / "logs" / "tensorboard" / task
        if curves.is_dir():
            shutil.rmtree(target, ignore_errors=True)
            target.parent.mkdir(parents=True, exist_ok=True)
            curves.rename(target)
        shutil.rmtree(checkpoints)
        for folder in (checkpoints.parent, checkpoints.parent.parent):
            if not any(folder.iterdir()):
                folder.rmdir()

    def _attempt(self, job: JobSpec) -> int:
        """Run the command once; write its lines to its log, and progress, metrics and errors to the record."""
        started = time.monotonic()
        task = self.record.tasks[job.task]
        self.record.change(job.task, state="running", attempts=task.attempts + 1, error="", exit_code=None)
        log = self.record.folder / "logs" / f"{job.task}.log"
        log.parent.mkdir(exist_ok=True)
        with log.open("a", encoding="utf-8") as out:
            out.write(f"--- attempt {task.attempts}: {without_credentials(' '.join(job.command))}\n")
            code = as_exit_code(self.executor.run(job, LogParser(self.record, job.task, out)), task)
        ended: dict[str, Any] = {"seconds": round(time.monotonic() - started, 2), "exit_code": code}
        if code != 0:
            state: TaskState = "interrupted" if code in STOPPED else "failed"
            ended |= {"state": state, "error": task.error or f"exit code {code}"}
        self.record.change(job.task, **ended)
        return code

    def _written(self, task: ContainerTask, executor_input: ExecutorInput) -> list[Path]:
        """Check that every declared output was written, pass the artefacts on, and return the paths to cache."""
        wanted = {name: Path(output.artifacts[0].uri) for name, output in executor_input.outputs.artifacts.items()}
        values = {name: Path(output.output_file) for name, output in executor_input.outputs.parameters.items()}
        for name, path in {**wanted, **values}.items():
            if not path.exists():
                raise StageError(f"{task.name}: succeeded without writing its output {name} at {path}")
        written = Path(executor_input.outputs.output_file)
        if not written.exists():
            artifacts = {
                name: json_format.MessageToDict(output) for name, output in executor_input.outputs.artifacts.items()
            }
            for output in artifacts.values():
                output["artifacts"][0].pop("type", None)  # as KFP's own executor writes it
            written.write_text(json.dumps({"artifacts": artifacts}), encoding="utf-8")
        return [*wanted.values(), *values.values(), written]

    def _outputs(self, task: ContainerTask, executor_input: ExecutorInput) -> dict[str, Any]:
        """Read the outputs as KFP passes them on.

        Raises:
            StageError: a value is not of the type that the contract declares.
        """
        try:
            return read_outputs(executor_input, task.component)
        except ValueError as error:
            raise StageError(f"{task.name}: {error}") from error

    def _contents(self, task: ContainerTask) -> dict[str, str | list[str]]:
        """Hash the content of each input artefact."""
        return {name: self._hash(Path(artifact.path)) for name, artifact in task.artifacts.items()}

    def _values(self, task: ContainerTask) -> dict[str, object]:
        """Return the values of the parameters, with content hashes in place of the paths among them."""
        elsewhere = {str(path): self._hash(path) for path in self._paths_elsewhere(task)}
        return {name: elsewhere.get(str(value), value) for name, value in task.parameters.items()}

    def _paths_elsewhere(self, task: ContainerTask) -> list[Path]:
        """Return the files and folders outside of the run that settings name by an absolute path."""
        named = [
            Path(value)
            for name, value in task.parameters.items()
            if isinstance(value, str) and name not in EXTERNAL_PARAMETERS
        ]
        return [path for path in named if path.is_absolute() and path.exists()]

    def _hash(self, path: Path) -> str:
        if path not in self.hashes:
            self.hashes[path] = tree_hash(path)
        return self.hashes[path]

    def _relative(self, path: Path) -> str:
        return str(path.relative_to(self.record.folder)) if path.is_relative_to(self.record.folder) else str(path)


def _retry_policy(task: PipelineTaskSpec) -> RetryPolicy:
    """Read the retries that the pipeline sets for a task, with KFP's defaults for what it leaves out."""
    policy = task.retry_policy
    return RetryPolicy(
        attempts=policy.max_retry_count + 1,
        wait_s=float(policy.backoff_duration.seconds),
        factor=policy.backoff_factor or DEFAULT_BACKOFF_FACTOR,
        longest_wait_s=float(policy.backoff_max_duration.seconds or DEFAULT_LONGEST_WAIT_S),
    )
