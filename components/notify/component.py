"""Contract of the stage `notify`: people hear how a run ended."""

from kfp import dsl

IMAGE = "ckgqa/notify"


@dsl.container_component
def notify(
    title: str,
    message: str,
    notification: dsl.Output[dsl.Artifact],
    level: str = "warning",
) -> dsl.ContainerSpec:
    """Write a notification and log it.

    Args:
        title: What happened, in one line.
        message: Why, and what can be done.
        notification: Folder for the notification.
        level: How serious it is: info, warning or error.
    """
    return dsl.ContainerSpec(
        image=IMAGE,
        command=["python", "-m", "ckgqa_notify", "notify"],
        args=["--title", title, "--message", message, "--notification", notification.path, "--level", level],
    )
