"""The files and variables that a training container finds.

Source: "How Amazon SageMaker AI provides training information", and files seen in containers on AWS.
"""

from typing import Any

from localaws.clients import AwsClient
from localaws.containers.group import ContainerGroup
from localaws.jobs.containers import new_archives
from localaws.jobs.inputs import InputFolder, add_folder
from localaws.jobs.s3 import S3Object
from localaws.platform import Platform
from localaws.store import Record

INPUT = "/opt/ml/input"
MODEL = "/opt/ml/model"
OUTPUT_DATA = "/opt/ml/output/data"
CHECKPOINTS = "/opt/ml/checkpoints"
GROUP = "homogeneousCluster"


def environment(request: Record) -> dict[str, str]:
    """Return the variables of a training container."""
    return {
        "TRAINING_JOB_NAME": request["TrainingJobName"],
        "TRAINING_JOB_ARN": request["TrainingJobArn"],
        "SAGEMAKER_METRICS_DIRECTORY": "/opt/ml/output/metrics/sagemaker",
        **request.get("Environment", {}),
    }


def checkpoint_path(request: Record) -> str | None:
    """Return the folder of the checkpoints, or None if the job keeps none in S3."""
    config = request.get("CheckpointConfig")
    return None if config is None else config.get("LocalPath", CHECKPOINTS)


def channel_folders(request: Record) -> list[InputFolder]:
    """Return the folders that are filled from S3: the channels, and the checkpoints of earlier attempts."""
    folders = [
        InputFolder(f"{INPUT}/data/{channel['ChannelName']}", channel["DataSource"]["S3DataSource"])
        for channel in request.get("InputDataConfig", ())
    ]
    path = checkpoint_path(request)
    if path is not None:
        uri = request["CheckpointConfig"]["S3Uri"].rstrip("/") + "/"
        folders.append(InputFolder(path, {"S3Uri": uri, "S3DataType": "S3Prefix"}))
    return folders


def fill_archives(
    platform: Platform,
    client: AwsClient,
    group: ContainerGroup,
    request: Record,
    found: list[tuple[InputFolder, list[S3Object]]],
) -> None:
    """Put configuration and input into every container.

    Raises:
        ClientError: S3 refuses an object.
    """
    hosts = group.spec.hosts
    for host, archive in enumerate(new_archives(platform, len(hosts))):
        with archive:
            for path in (MODEL, OUTPUT_DATA, f"{INPUT}/config"):
                archive.add_folder(path)
            archive.add_json(f"{INPUT}/config/hyperparameters.json", request.get("HyperParameters", {}))
            archive.add_json(f"{INPUT}/config/inputdataconfig.json", input_data_config(request))
            archive.add_json(f"{INPUT}/config/resourceconfig.json", resource_config(request, hosts, hosts[host]))
            for folder, objects in found:
                add_folder(archive, client, folder, objects, host, len(hosts))
            group.put(host, archive.reader())


def input_data_config(request: Record) -> dict[str, Any]:
    """Return `inputdataconfig.json`: channel -> how it is given."""
    default = request["AlgorithmSpecification"].get("TrainingInputMode", "File")
    channels = {}
    for channel in request.get("InputDataConfig", ()):
        source = channel["DataSource"]["S3DataSource"]
        content_type = {"ContentType": channel["ContentType"]} if "ContentType" in channel else {}
        mode = channel.get("InputMode", default)
        channels[channel["ChannelName"]] = {
            **content_type,
            "TrainingInputMode": "File" if mode == "FastFile" else mode,
            "S3DistributionType": source.get("S3DataDistributionType", "FullyReplicated"),
            "RecordWrapperType": channel.get("RecordWrapperType", "None"),
        }
    return channels


def resource_config(request: Record, hosts: list[str], host: str) -> dict[str, Any]:
    """Return `resourceconfig.json` of one host."""
    instance_type = request["ResourceConfig"]["InstanceType"]
    return {
        "current_host": host,
        "current_instance_type": instance_type,
        "current_group_name": GROUP,
        "hosts": hosts,
        "instance_groups": [{"instance_group_name": GROUP, "instance_type": instance_type, "hosts": hosts}],
        "network_interface_name": "eth0",
        "topology": None,
    }
