import gzip
import json

import pytest
from localaws.errors import LocalawsError
from localaws.service_model import load_service_model


def write_model(folder, version, *, compressed):
    description = {"metadata": {"apiVersion": version}, "operations": {}, "shapes": {}}
    content = json.dumps(description).encode()
    folder = folder / "thing" / version
    folder.mkdir(parents=True)
    if compressed:
        (folder / "service-2.json.gz").write_bytes(gzip.compress(content))
    else:
        (folder / "service-2.json").write_bytes(content)


def test_the_newest_version_is_read(tmp_path):
    write_model(tmp_path, "2017-12-31", compressed=True)
    write_model(tmp_path, "2018-01-01", compressed=False)
    write_model(tmp_path, "2016-06-06", compressed=True)
    assert load_service_model(tmp_path, "thing").version == "2018-01-01"


def test_a_compressed_model_is_read(tmp_path):
    write_model(tmp_path, "2018-01-01", compressed=True)
    assert load_service_model(tmp_path, "thing").version == "2018-01-01"


def test_a_missing_service_is_named(tmp_path):
    with pytest.raises(LocalawsError, match="'thing'"):
        load_service_model(tmp_path, "thing")


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe{", b"{}", b'{"metadata": {}}'])
def test_a_broken_model_is_refused(tmp_path, content):
    file = tmp_path / "thing" / "2018-01-01" / "service-2.json"
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    with pytest.raises(LocalawsError, match=r"2018-01-01/service-2\.json"):
        load_service_model(tmp_path, "thing")


@pytest.mark.parametrize("content", [b"not gzip", gzip.compress(b"{}" * 1000)[:20]])
def test_a_broken_archive_is_refused(tmp_path, content):
    file = tmp_path / "thing" / "2018-01-01" / "service-2.json.gz"
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    with pytest.raises(LocalawsError, match=r"service-2\.json\.gz"):
        load_service_model(tmp_path, "thing")


@pytest.mark.parametrize(
    ("service", "prefix", "operation"),
    [
        ("sagemaker", "SageMaker", "CreateTrainingJob"),
        ("application-autoscaling", "AnyScaleFrontendService", "RegisterScalableTarget"),
        ("codebuild", "CodeBuild_20161006", "StartBuild"),
        ("neptunedata", "", "StartLoaderJob"),
    ],
)
def test_models_of_botocore_are_read(models, service, prefix, operation):
    model = load_service_model(models, service)
    assert model.target_prefix == prefix
    assert operation in model.operations
