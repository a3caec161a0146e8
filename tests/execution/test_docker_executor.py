"""Tasks in containers, on a real engine; the traps of KFP's own runner stay cured."""

import io
import os
import tarfile
from pathlib import Path

import annotated_types
import pytest

import ckgqa
from ckgqa.execution.local.docker_executor import RUN_LABEL, DockerExecutor, _lines
from ckgqa.execution.local.executor import JobSpec
from ckgqa.execution.local.orchestrator import TaskError
from ckgqa.images.engine import connect
from ckgqa.runtime.errors import InputError, ServiceError

TOY = Path(__file__).parent / "toy"
IMAGE = "ckgqa/toy:0123456789abcdef"
NOTIFY = "ckgqa/notify:0123456789abcdef"
docker_test = pytest.mark.docker


def pin(repository: str) -> str:
    """Pin the toy's images only."""
    if repository not in {"ckgqa/toy", "ckgqa/notify"}:
        raise InputError(f"there is no image {repository}")
    return f"{repository}:0123456789abcdef"


@pytest.fixture(scope="module")
def client():
    with connect() as client:
        context = io.BytesIO()
        with tarfile.open(fileobj=context, mode="w") as tar:
            tar.add(TOY / "Dockerfile", "Dockerfile")
            tar.add(TOY / "stages", "stages")
            tar.add(Path(ckgqa.__file__).parent / "runtime", "runtime")
            tar.add(Path(annotated_types.__file__).parent, "annotated_types")
        context.seek(0)
        client.images.build(fileobj=context, custom_context=True, tag=IMAGE, rm=True, network_mode="none")
        client.images.get(IMAGE).tag(*NOTIFY.split(":"))
        yield client
        for image in (IMAGE, NOTIFY):
            client.images.remove(image)


@pytest.fixture
def executor(client) -> DockerExecutor:
    return DockerExecutor(client, lambda stage: f"program of {stage}", pin, grace_s=3.0)


@pytest.fixture
def job(tmp_path):
    def make(code: str, **fields) -> JobSpec:
        command = ("python", "-c", code)
        told = {"task": "job", "image": IMAGE, "run_folder": tmp_path, "folder": tmp_path, "environment": {}, **fields}
        return JobSpec(command=command, **told)

    return make


def run(executor: DockerExecutor, job: JobSpec) -> tuple[int, list[str]]:
    lines: list[str] = []
    return executor.run(job, lines.append), lines


@docker_test
def test_a_pipeline_runs_in_containers_whatever_the_images_entry_point_and_user(toy, executor):
    assert toy.run(executor=executor, min_f1=0.15)
    assert toy.read("build", "total", "total.txt") == "6.0 first"
    assert toy.record.tasks["judge"].metrics == {"f1": 0.2}
    made = toy.record.output("build", "total") / "total.txt"
    assert (made.stat().st_uid, made.stat().st_gid) == (os.getuid(), os.getgid())
    assert not executor.client.containers.list(all=True, filters={"label": f"{RUN_LABEL}={toy.folder}"})


@docker_test
def test_a_gate_that_fails_notifies_from_a_container(toy, executor):
    assert not toy.run(executor=executor, min_f1=0.25)
    assert toy.read("notify", "notification", "notification.txt") == "gate: 0.2 is below 0.25"


@docker_test
def test_an_argument_edited_in_the_yaml_changes_what_the_container_does(toy, executor):
    assert toy.run(executor=executor)
    assert toy.read("build", "total", "total.txt") == "6.0 first"
    toy.edit_argument("read", "--factor", "100")
    assert toy.run(executor=executor)
    assert toy.states["read"] == "done"
    assert toy.read("build", "total", "total.txt") == "600.0 first"


@docker_test
def test_what_ran_as_processes_is_not_run_again_in_containers(toy, executor):
    assert toy.run()
    assert toy.run(executor=executor)
    assert {toy.states[name] for name in ("read", "judge", "build")} == {"cached"}


@docker_test
@pytest.mark.parametrize(("behave", "code"), [("input", 2), ("bug", 1)])
def test_a_container_that_fails_ends_the_run_with_its_code(toy, executor, behave, code):
    with pytest.raises(TaskError) as failure:
        toy.run(executor=executor, behave=behave)
    assert failure.value.exit_code == code


@docker_test
def test_a_failing_container_is_reported_as_failing_every_time(executor, job):
    """KFP's own runner took it for a success in 4 of 40 runs."""
    assert [run(executor, job("raise SystemExit(7)"))[0] for _ in range(20)] == [7] * 20


@docker_test
def test_a_container_that_is_killed_ends_with_137(executor, job, tmp_path):
    def kill(line: str) -> None:
        assert line == "up"
        for container in executor.client.containers.list(filters={"label": f"{RUN_LABEL}={tmp_path}"}):
            container.kill()

    assert executor.run(job("import time; print('up', flush=True); time.sleep(60)"), kill) == 137


@docker_test
def test_both_streams_are_heard_as_they_come(executor, job):
    code, lines = run(executor, job("import sys; print('一'); print('二', file=sys.stderr)"))
    assert (code, sorted(lines)) == (0, ["一", "二"])


@docker_test
def test_what_is_said_of_threads_holds_in_containers_too_and_nothing_else_goes_in(executor, job, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    monkeypatch.setenv("SECRET_OF_THE_CALLER", "x")
    names = ("OMP_NUM_THREADS", "OMP_WAIT_POLICY", "OURS", "SECRET_OF_THE_CALLER")
    code = f"import os; print(*(os.environ.get(name) for name in {names}))"
    assert run(executor, job(code, environment={"OURS": "2"}))[1] == ["1 ACTIVE 2 None"]


@docker_test
def test_an_image_that_is_not_here_is_said_with_what_would_be_right(executor, job):
    with pytest.raises(
        ServiceError,
        match=r"job: the engine does not have the image ckgqa/toy:feedfeedfeedfeed; build it with `ckgqa images build`",
    ):
        run(executor, job("", image="ckgqa/toy:feedfeedfeedfeed"))


@docker_test
def test_an_interrupt_stops_the_container_with_sigterm_and_removes_it(executor, job, tmp_path):
    code = (
        "import pathlib, signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (pathlib.Path('heard').write_text('yes'), sys.exit(143)))\n"
        "print('up', flush=True)\n"
        "time.sleep(60)"
    )

    def interrupt(line: str) -> None:
        raise KeyboardInterrupt(line)

    with pytest.raises(KeyboardInterrupt):
        executor.run(job(code), interrupt)
    assert (tmp_path / "heard").read_text() == "yes"
    assert not executor.client.containers.list(all=True, filters={"label": f"{RUN_LABEL}={tmp_path}"})


@docker_test
def test_a_container_has_no_network_unless_it_needs_one(executor, job):
    code = "import os; print(sorted(os.listdir('/sys/class/net')))"
    assert run(executor, job(code))[1] == ["['lo']"]
    assert len(run(executor, job(code, network=True))[1][0]) > len("['lo']")


@docker_test
def test_a_folder_that_a_setting_names_can_be_read_and_not_written(executor, job, tmp_path_factory):
    bert = tmp_path_factory.mktemp("bert")
    (bert / "vocab.txt").write_text("战")
    read = f"print(open('{bert}/vocab.txt', encoding='utf-8').read())"
    assert run(executor, job(read, reads=(bert,))) == (0, ["战"])
    assert run(executor, job(f"open('{bert}/new', 'w')", reads=(bert,)))[0] == 1


@docker_test
def test_a_folder_elsewhere_that_the_job_writes_to_can_be_written(executor, job, tmp_path_factory):
    folder = tmp_path_factory.mktemp("graph")
    assert run(executor, job(f"open('{folder}/graph.db', 'w').write('x')", writes=(folder,)))[0] == 0
    assert (folder / "graph.db").read_text() == "x"


@docker_test
def test_a_registry_outside_of_the_run_is_made_and_written_and_belongs_to_the_caller(toy, executor, tmp_path):
    models = tmp_path / "new" / "models"
    assert toy.run(executor=executor, models=str(models))
    (written,) = models.iterdir()
    assert (written.name, written.stat().st_uid) == ("run", os.getuid())


@docker_test
def test_a_container_that_a_killed_run_has_left_is_removed(executor, tmp_path):
    labels = {RUN_LABEL: str(tmp_path)}
    left = executor.client.containers.run(IMAGE, ["sleep", "60"], entrypoint=[""], detach=True, labels=labels)
    executor.clear(tmp_path)
    assert left.id not in {one.id for one in executor.client.containers.list(all=True)}


@docker_test
def test_a_changed_program_is_told_from_an_image_that_says_itself_what_it_is(executor):
    assert executor.program(IMAGE) == "program of toy"
    assert executor.program("ckgqa/toy:feedfeedfeedfeed") == "ckgqa/toy:feedfeedfeedfeed"
    assert executor.program(f"host:5000/other@sha256:{'ab' * 32}") == f"host:5000/other@sha256:{'ab' * 32}"


def test_lines_are_cut_whatever_pieces_they_come_in():
    text = "一二\nthree\n\nfour".encode()
    for size in (1, 2, 5, 100):
        pieces = (text[start : start + size] for start in range(0, len(text), size))
        assert list(_lines(pieces)) == ["一二", "three", "", "four"]
