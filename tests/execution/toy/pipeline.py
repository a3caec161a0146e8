"""The toy pipeline: the shape of the real ones, raw -> read -> judge -> a gate -> build or notify."""

from kfp import dsl

TOY = "ckgqa/toy:0123456789abcdef"
NOTIFY = "ckgqa/notify:0123456789abcdef"
PROGRAM = ["python", "-m", "ckgqa_toy"]


@dsl.container_component
def read(raw: dsl.Input[dsl.Artifact], numbers: dsl.Output[dsl.Dataset], factor: int = 1):
    args = ["--raw", raw.path, "--numbers", numbers.path, "--factor", factor]
    return dsl.ContainerSpec(image=TOY, command=[*PROGRAM, "read"], args=args)


@dsl.container_component
def judge(numbers: dsl.Input[dsl.Dataset], f1: dsl.OutputPath(float)):
    return dsl.ContainerSpec(image=TOY, command=[*PROGRAM, "judge"], args=["--numbers", numbers.path, "--f1", f1])


@dsl.container_component
def build(
    numbers: dsl.Input[dsl.Dataset],
    total: dsl.Output[dsl.Dataset],
    behave: str = "well",
    url: str = "",
    registry: str = "",
):
    args = ["--numbers", numbers.path, "--total", total.path, "--behave", behave, "--url", url, "--registry", registry]
    return dsl.ContainerSpec(image=TOY, command=[*PROGRAM, "build"], args=args)


@dsl.container_component
def notify(title: str, message: str, notification: dsl.Output[dsl.Artifact]):
    args = ["--title", title, "--message", message, "--notification", notification.path]
    return dsl.ContainerSpec(image=NOTIFY, command=["python", "-m", "ckgqa_notify", "notify"], args=args)


@dsl.pipeline(name="toy")
def toy(
    raw_uri: str,
    texts_uri: str = "",
    min_f1: float = 0.2,
    factor: int = 1,
    behave: str = "well",
    graph_url: str = "",
    models: str = "",
):
    raw = dsl.importer(artifact_uri=raw_uri, artifact_class=dsl.Artifact, reimport=False).set_display_name("raw")
    numbers = read(raw=raw.output, factor=factor).set_display_name("read")
    judged = judge(numbers=numbers.outputs["numbers"])
    with dsl.If(judged.outputs["f1"] >= min_f1):
        built = build(numbers=numbers.outputs["numbers"], behave=behave, url=graph_url, registry=models)
        built.set_display_name("build")
        built.set_retry(2, backoff_duration="0s", backoff_factor=1)
    with dsl.Else():
        notify(title="gate", message=f"{judged.outputs['f1']} is below {min_f1}")
