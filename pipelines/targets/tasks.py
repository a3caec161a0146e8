"""Run one task of a compiled pipeline for KFP's local orchestrator, which walks the graph and its conditions.

`TaskRunner.execute` stands in for `kfp.local.orchestrator.task_executor.execute_single_task`: the one place that knows
a task's name, retries and outputs, so that the traps of KFP's local runner are cured there. Results are kept by
content, a declared output that was not written is an error, artefacts are handed on, exit codes decide about retries.
Placeholders, inputs and outputs are read and written by KFP's own functions.
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
from kfp.local import executor_output_utils, importer_handler, placeholder_utils
from kfp.local.io import IOStore
from kfp.local.orchestrator.orchestrator_utils import OrchestratorUtils
from kfp.local.status import Status
from kfp.pipeline_spec.pipeline_spec_pb2 import ComponentSpec, ExecutorInput, PipelineTaskSpec

from ckgqa.bundle.pipelines.ir import ExecutorSpec
from ckgqa.bundle.pipelines.record import RunRecord, TaskState
from ckgqa.bundle.pipelines.targets import cache
from ckgqa.bundle.pipelines.targets.jobs import Job, Way
from ckgqa.bundle.pipelines.targets.listening import STOPPED, Listener, as_exit_code
from ckgqa.bundle.pipelines.targets.outside import PARAMETERS
from ckgqa.bundle.pipelines.targets.task import Task
from ckgqa.runtime.errors import EXIT_SERVICE, InputError, StageError
from ckgqa.runtime.files import tree_hash
from ckgqa.runtime.log import without_credentials
from ckgqa.runtime.sagemaker_env import CHECKPOINT_VARIABLE, RUN_VARIABLE


@dataclass
class TaskRunner:
    """Runs the tasks of one run."""

    way: Way
    record: RunRecord
    names: Mapping[str, str]
    """Task in the IR -> its name for people."""
    hashes: dict[Path, str] = field(default_factory=dict)
    """What the artefacts met so far hold."""

    def execute(  # noqa: PLR0917 -- the orchestrator's own signature
        self,
        task_name: str,
        task_spec: PipelineTaskSpec,
        pipeline_resource_name: str,
        components: Mapping[str, ComponentSpec],
        executors: Mapping[str, ExecutorSpec],
        io_store: IOStore,
        pipeline_root: str,
        runner: object,  # noqa: ARG002 -- the way decides, not KFP's runner
        unique_pipeline_id: str,
        fail_stack: list[str],  # noqa: ARG002 -- the orchestrator fills it
    ) -> tuple[dict[str, Any], Status]:
        """Run one task, or take its kept result, and return its outputs and whether it ended well."""
        component = components[task_spec.component_ref.name]
        executor = executors[component.executor_label]
        arguments = OrchestratorUtils.make_task_arguments(task_spec.inputs, io_store)
        name = self.names[task_name]
        try:
            if executor.WhichOneof("spec") == "importer":
                outputs = self._import(name, task_spec.component_ref.name, component, executor, arguments)
                return outputs, Status.SUCCESS
            task = Task(name, task_spec, component, executor.container, arguments)
            return self._run(task, pipeline_resource_name, pipeline_root, unique_pipeline_id)
        except StageError as error:
            said = without_credentials(str(error))
            self.record.change(name, state="failed", exit_code=error.exit_code, error=said)
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
        """Let KFP make the artefact of an importer, and see that it is there."""
        tasks = str(self.record.folder / "tasks")
        outputs, _ = importer_handler.run_importer("", component_name, component, executor, arguments, tasks, "")
        path = Path(outputs["artifact"].path)
        if not path.exists():
            raise InputError(f"{name}: {path} is not there; an importer here takes a file or a folder of this machine")
        self.record.change(name, state="done", outputs={"artifact": self._relative(path)})
        return dict(outputs)

    def _run(self, task: Task, resource_name: str, root: str, pipeline_id: str) -> tuple[dict[str, Any], Status]:
        """Find the task's kept result or run it, as often as its retries allow."""
        program = self.way.program(task.container.image)
        key = cache.task_key(program, task.words, self._values(task), self._contents(task))
        folder = cache.folder_of(Path(root), task.name, key)
        executor_input = task.executor_input(folder)
        self.record.change(task.name, state="running", key=key, program=program, image=task.container.image)
        kept = cache.find_result(folder, key) if task.may_be_kept else None
        if kept is None:
            words = placeholder_utils.replace_placeholders(
                task.words, task.input_dict(executor_input), resource_name, task.name, root, pipeline_id
            )
            code = self._attempts(task, key, cache.fresh(folder), words)
            if code != 0:
                return {}, Status.FAILURE
            paths = self._written(task, executor_input)
        outputs = self._outputs(task, executor_input)
        if kept is None:
            done = self.record.tasks[task.name]
            kept = cache.keep_result(folder, key, done.seconds, paths, done.metrics)
            state: TaskState = "done"
        else:
            state = "cached"
        places = {name: Path(value.path) for name, value in outputs.items() if isinstance(value, Artifact)}
        for path in places.values():
            self.hashes[path] = kept.outputs[path.relative_to(folder).as_posix()]
        shown = {
            name: self._relative(places[name]) if name in places else str(value) for name, value in outputs.items()
        }
        self.record.change(
            task.name, state=state, exit_code=0, seconds=kept.seconds, metrics=kept.metrics, outputs=shown
        )
        return outputs, Status.SUCCESS

    def _attempts(self, task: Task, key: str, folder: Path, words: list[str]) -> int:
        """Run the command until it ends well, or cannot, or may not be tried again; return the exit code."""
        policy = task.spec.retry_policy
        wait_s = float(policy.backoff_duration.seconds)
        checkpoints = self.record.folder / "checkpoints" / folder.parent.name / key[: cache.KEY_CHARS]
        job = Job(
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
            writes=task.outside.folders(),
            network=task.outside.network,
        )
        for attempt in range(policy.max_retry_count + 1):
            code = self._attempt(job)
            if code != EXIT_SERVICE or attempt == policy.max_retry_count:
                break
            self.record.change(task.name, state="retrying")
            time.sleep(min(wait_s, policy.backoff_max_duration.seconds or wait_s))
            wait_s *= policy.backoff_factor or 2.0
            cache.fresh(folder)
        if code == 0 and checkpoints.is_dir():
            self._clear_checkpoints(checkpoints, task.name)
        return code

    def _clear_checkpoints(self, checkpoints: Path, task: str) -> None:
        """Remove what only an unfinished training needs, and keep the curves that it drew for TensorBoard."""
        curves, place = checkpoints / "tensorboard", self.record.folder / "logs" / "tensorboard" / task
        if curves.is_dir():
            shutil.rmtree(place, ignore_errors=True)
            place.parent.mkdir(parents=True, exist_ok=True)
            curves.rename(place)
        shutil.rmtree(checkpoints)
        for folder in (checkpoints.parent, checkpoints.parent.parent):
            if not any(folder.iterdir()):
                folder.rmdir()

    def _attempt(self, job: Job) -> int:
        """Run the command once; its lines go to its log, and progress, metrics and errors to the record."""
        started = time.monotonic()
        kept = self.record.tasks[job.task]
        self.record.change(job.task, state="running", attempts=kept.attempts + 1, error="", exit_code=None)
        log = self.record.folder / "logs" / f"{job.task}.log"
        log.parent.mkdir(exist_ok=True)
        with log.open("a", encoding="utf-8") as out:
            out.write(f"--- attempt {kept.attempts}: {without_credentials(' '.join(job.command))}\n")
            code = as_exit_code(self.way.run(job, Listener(self.record, job.task, out)), kept)
        ended: dict[str, Any] = {"seconds": round(time.monotonic() - started, 2), "exit_code": code}
        if code != 0:
            state: TaskState = "interrupted" if code in STOPPED else "failed"
            ended |= {"state": state, "error": kept.error or f"exit code {code}"}
        self.record.change(job.task, **ended)
        return code

    def _written(self, task: Task, executor_input: ExecutorInput) -> list[Path]:
        """See that every declared output was written, hand the artefacts on, and return what to keep."""
        wanted = {name: Path(one.artifacts[0].uri) for name, one in executor_input.outputs.artifacts.items()}
        values = {name: Path(one.output_file) for name, one in executor_input.outputs.parameters.items()}
        for name, path in {**wanted, **values}.items():
            if not path.exists():
                raise StageError(f"{task.name}: ended well without writing its output {name} at {path}")
        written = Path(executor_input.outputs.output_file)
        if not written.exists():
            artifacts = {name: json_format.MessageToDict(one) for name, one in executor_input.outputs.artifacts.items()}
            for one in artifacts.values():
                one["artifacts"][0].pop("type", None)  # as KFP's own executor writes it
            written.write_text(json.dumps({"artifacts": artifacts}), encoding="utf-8")
        return [*wanted.values(), *values.values(), written]

    def _outputs(self, task: Task, executor_input: ExecutorInput) -> dict[str, Any]:
        """Read the outputs as KFP hands them on.

        Raises:
            StageError: a value is not of the type that the contract declares.
        """
        try:
            return dict(executor_output_utils.get_outputs_for_task(executor_input, task.component))
        except ValueError as error:
            raise StageError(f"{task.name}: {error}") from error

    def _contents(self, task: Task) -> dict[str, str | list[str]]:
        """Hash what each input artefact holds."""
        return {name: self._hash(Path(artifact.path)) for name, artifact in task.artifacts.items()}

    def _values(self, task: Task) -> dict[str, object]:
        """Return the parameters' values, with the contents of the files and folders that they name."""
        elsewhere = {str(path): self._hash(path) for path in self._paths_elsewhere(task)}
        return {name: elsewhere.get(str(value), value) for name, value in task.parameters.items()}

    def _paths_elsewhere(self, task: Task) -> list[Path]:
        """Return what is on this machine that settings name by absolute path, as those of an edited pipeline may."""
        named = [
            Path(value) for name, value in task.parameters.items() if isinstance(value, str) and name not in PARAMETERS
        ]
        return [path for path in named if path.is_absolute() and path.exists()]

    def _hash(self, path: Path) -> str:
        if path not in self.hashes:
            self.hashes[path] = tree_hash(path)
        return self.hashes[path]

    def _relative(self, path: Path) -> str:
        return str(path.relative_to(self.record.folder)) if path.is_relative_to(self.record.folder) else str(path)
