"""The condition keys that the creation of training and of processing jobs have in common.

Source: the Service Authorization Reference of SageMaker.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from localaws.api import Params
from localaws.sagemaker.jobs import MAX_RUNTIME_S


def job_conditions(
    params: Params, *, instance_types: Sequence[str | None], network: Params, cluster: Params, output: Params
) -> Mapping[str, object]:
    """Return condition key -> value or values; a key that the request does not set is left out.

    Args:
        params: the request.
        instance_types: the types that it names, None where it names none.
        network: its part with the isolation and the VPC.
        cluster: its part with the volumes.
        output: its part with the key of the output.
    """
    vpc = network.get("VpcConfig", {})
    keys: dict[str, Any] = {
        "sagemaker:InstanceTypes": [name for name in instance_types if name],
        "sagemaker:NetworkIsolation": str(network.get("EnableNetworkIsolation", False)).lower(),
        "sagemaker:InterContainerTrafficEncryption": str(
            network.get("EnableInterContainerTrafficEncryption", False)
        ).lower(),
        "sagemaker:MaxRuntimeInSeconds": str(
            params.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", MAX_RUNTIME_S)
        ),
        "sagemaker:OutputKmsKey": output.get("KmsKeyId"),
        "sagemaker:VolumeKmsKey": cluster.get("VolumeKmsKeyId"),
        "sagemaker:VpcSubnets": vpc.get("Subnets"),
        "sagemaker:VpcSecurityGroupIds": vpc.get("SecurityGroupIds"),
    }
    return {key: value for key, value in keys.items() if value is not None}
