"""The model of SageMaker: the limits that bind a client, and every pattern."""

import copy
import re

import pytest
from localaws.errors import AwsError, ValidationError
from localaws.service_model.patterns import compile_pattern

ROLE = "arn:aws:iam::123456789012:role/Jobs"
S3_INPUT = {"S3Uri": "s3://b/x", "LocalPath": "/opt/ml/processing/x", "S3DataType": "S3Prefix", "S3InputMode": "File"}
PROCESSING = {
    "ProcessingJobName": "preprocess-1",
    "RoleArn": ROLE,
    "AppSpecification": {
        "ImageUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/preprocess@sha256:0",
        "ContainerEntrypoint": ["python3", "-m", "preprocess"],
        "ContainerArguments": ["--seed", "1"],
    },
    "ProcessingInputs": [{"InputName": "texts", "S3Input": S3_INPUT}],
    "ProcessingResources": {
        "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1},
    },
    "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    "Environment": {"LOG_LEVEL": "info"},
}
TRAINING = {
    "TrainingJobName": "train-1",
    "RoleArn": ROLE,
    "AlgorithmSpecification": {"TrainingImage": "train:1", "TrainingInputMode": "File"},
    "HyperParameters": {"epochs": "3"},
    "InputDataConfig": [
        {"ChannelName": "train", "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/train"}}}
    ],
    "OutputDataConfig": {"S3OutputPath": "s3://b/models"},
    "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    "Tags": [{"Key": "team", "Value": "\u56fe\u8c31 graph"}],
}


def with_value(request, path, value):
    """Return a copy of the request with another value at a path such as `AppSpecification.ImageUri`."""
    request = copy.deepcopy(request)
    *parents, last = path.split(".")
    place = request
    for name in parents:
        place = place[int(name)] if isinstance(place, list) else place[name]
    place[last] = value
    return request


def message_of(model, operation, request):
    with pytest.raises(ValidationError) as caught:
        model.validate(operation, request)
    assert caught.value.code == "ValidationException"
    return caught.value.message


@pytest.mark.parametrize(
    ("operation", "request_"), [("CreateProcessingJob", PROCESSING), ("CreateTrainingJob", TRAINING)]
)
def test_a_usual_request_passes_unchanged(sagemaker, operation, request_):
    assert sagemaker.validate(operation, request_) == request_


def arguments(length):
    return ["--definition", "x" * length]


def inputs(count):
    return [{"InputName": f"input-{number}", "S3Input": S3_INPUT} for number in range(count)]


def hyperparameters(count):
    return {f"name{number}": "1" for number in range(count)}


@pytest.mark.parametrize(
    ("operation", "base", "path", "make", "limit", "violation"),
    [
        (
            "CreateProcessingJob",
            PROCESSING,
            "AppSpecification.ContainerArguments",
            arguments,
            256,
            (
                "at 'appSpecification.containerArguments' failed to satisfy constraint: "
                "Member must satisfy constraint: [Member must have length less than or equal to 256"
            ),
        ),
        (
            "CreateProcessingJob",
            PROCESSING,
            "ProcessingInputs",
            inputs,
            10,
            "at 'processingInputs' failed to satisfy constraint: Member must have length less than or equal to 10",
        ),
        (
            "CreateProcessingJob",
            PROCESSING,
            "ProcessingJobName",
            "n".__mul__,
            63,
            "at 'processingJobName' failed to satisfy constraint: Member must have length less than or equal to 63",
        ),
        (
            "CreateProcessingJob",
            PROCESSING,
            "Environment.LOG_LEVEL",
            "v".__mul__,
            256,
            (
                "at 'environment' failed to satisfy constraint: Map value must satisfy constraint: "
                "[Member must have length less than or equal to 256"
            ),
        ),
        (
            "CreateTrainingJob",
            TRAINING,
            "HyperParameters",
            hyperparameters,
            100,
            "at 'hyperParameters' failed to satisfy constraint: Member must have length less than or equal to 100",
        ),
        (
            "CreateTrainingJob",
            TRAINING,
            "HyperParameters.epochs",
            "9".__mul__,
            2500,
            (
                "at 'hyperParameters' failed to satisfy constraint: Map value must satisfy constraint: "
                "[Member must have length less than or equal to 2500"
            ),
        ),
        (
            "CreateTrainingJob",
            TRAINING,
            "TrainingJobName",
            "n".__mul__,
            63,
            "at 'trainingJobName' failed to satisfy constraint: Member must have length less than or equal to 63",
        ),
    ],
)
def test_the_maximum_passes_and_one_more_is_refused(sagemaker, operation, base, path, make, limit, violation):
    sagemaker.validate(operation, with_value(base, path, make(limit)))
    message = message_of(sagemaker, operation, with_value(base, path, make(limit + 1)))
    assert violation in message


def test_a_name_of_64_characters_breaks_length_and_pattern(sagemaker):
    name = "n" * 64
    assert message_of(sagemaker, "CreateTrainingJob", with_value(TRAINING, "TrainingJobName", name)) == (
        f"2 validation errors detected: Value '{name}' at 'trainingJobName' failed to satisfy constraint: "
        f"Member must have length less than or equal to 63; Value '{name}' at 'trainingJobName' failed to satisfy "
        "constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"
    )


@pytest.mark.parametrize("name", ["my_job", "-job", "job-", "j\u00f6b", "job\n", ""])
def test_a_job_name_must_match_its_pattern(sagemaker, name):
    message = message_of(sagemaker, "CreateTrainingJob", with_value(TRAINING, "TrainingJobName", name))
    assert f"Value '{name}' at 'trainingJobName' failed to satisfy constraint: Member must satisfy regular" in message


@pytest.mark.parametrize(
    ("operation", "base", "path", "member"),
    [
        (
            "CreateProcessingJob",
            PROCESSING,
            "ProcessingResources.ClusterConfig.InstanceType",
            "processingResources.clusterConfig.instanceType",
        ),
        ("CreateTrainingJob", TRAINING, "ResourceConfig.InstanceType", "resourceConfig.instanceType"),
    ],
)
def test_an_invalid_instance_type_is_answered_with_the_enum(sagemaker, operation, base, path, member):
    message = message_of(sagemaker, operation, with_value(base, path, "ml.m5.mega"))
    start = f"1 validation error detected: Value 'ml.m5.mega' at '{member}' failed to satisfy constraint: "
    assert message.startswith(f"{start}Member must satisfy enum value set: [ml.")
    assert "ml.m5.xlarge" in message


@pytest.mark.parametrize(("operation", "base"), [("CreateProcessingJob", PROCESSING), ("CreateTrainingJob", TRAINING)])
def test_a_run_time_of_0_seconds_is_refused(sagemaker, operation, base):
    request = with_value(base, "StoppingCondition.MaxRuntimeInSeconds", 0)
    assert message_of(sagemaker, operation, request) == (
        "1 validation error detected: Value '0' at 'stoppingCondition.maxRuntimeInSeconds' failed to satisfy "
        "constraint: Member must have value greater than or equal to 1"
    )


def test_an_enum_in_a_list_of_structures(sagemaker):
    request = with_value(TRAINING, "InputDataConfig.0.InputMode", "fastfile")
    assert message_of(sagemaker, "CreateTrainingJob", request) == (
        "1 validation error detected: Value 'fastfile' at 'inputDataConfig.1.member.inputMode' failed to satisfy "
        "constraint: Member must satisfy enum value set: [Pipe, File, FastFile]"
    )


def test_all_missing_members_are_named(sagemaker):
    message = message_of(sagemaker, "CreateProcessingJob", {})
    missing = re.findall(r"Value null at '(\w+)' failed to satisfy constraint: Member must not be null", message)
    assert message.startswith(f"{len(missing)} validation errors detected: ")
    assert missing == ["processingJobName", "processingResources", "appSpecification", "roleArn"]


def test_an_unknown_operation_is_refused_as_sagemaker_does(sagemaker):
    with pytest.raises(AwsError) as caught:
        sagemaker.validate("CreateTrainingJobs", {})
    assert caught.value.code == "UnknownOperationException"
    with pytest.raises(AwsError) as caught:
        sagemaker.check_output("CreateTrainingJobs", {})
    assert caught.value.code == "UnknownOperationException"


def test_an_operation_without_input_takes_any_object(small):
    assert small.validate("Ping", {"Name": 1}) == {}


def test_outputs_of_sagemaker_are_checked(sagemaker):
    arn = "arn:aws:sagemaker:us-east-1:123456789012:training-job/train-1"
    assert sagemaker.check_output("CreateTrainingJob", {"TrainingJobArn": arn}) == []
    assert sagemaker.check_output("CreateTrainingJob", {"trainingJobArn": arn}) == [
        "result.trainingJobArn: unknown member of CreateTrainingJobResponse",
        "result.TrainingJobArn: missing",
    ]
    assert sagemaker.check_output("StopTrainingJob", {}) == []


def test_every_operation_of_sagemaker_answers_an_empty_request(sagemaker):
    for operation in sagemaker.operations:
        shape = sagemaker._shape(operation, "input")
        if shape and any(member.required for member in shape.members.values()):
            assert re.match(r"\d+ validation errors? detected: Value null at ", message_of(sagemaker, operation, {}))
        else:
            assert sagemaker.validate(operation, {}) == {}


def test_every_pattern_of_sagemaker_compiles(sagemaker):
    patterns = {shape.pattern for shape in sagemaker._shapes.values() if shape.pattern}
    assert len(patterns) > 200
    for pattern in patterns:
        compile_pattern(pattern)
