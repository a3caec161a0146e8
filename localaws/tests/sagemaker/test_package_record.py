from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from localaws.api import Request
from localaws.base import Caller
from localaws.errors import AwsError, ValidationError
from localaws.sagemaker.model_packages.groups import groups
from localaws.sagemaker.model_packages.record import ClientTokens, add_unversioned, add_version, packages, stored_name
from localaws.store import Store

CALLER = Caller("AKIA", "arn:aws:iam::000000000000:root", "000000000000", "us-east-1")
ARN = "arn:aws:sagemaker:us-east-1:000000000000:model-package"


@pytest.fixture
def platform(tmp_path):
    store = Store(tmp_path / "db")
    yield SimpleNamespace(store=store)
    store.close()


def create(**params):
    return Request("CreateModelPackage", params, CALLER)


@pytest.fixture
def group(platform):
    request = create(ModelPackageGroupName="g")
    group = {"ModelPackageGroupName": "g", "ModelPackageGroupArn": f"{ARN}-group/g"}
    groups(platform, request).add("g", {**group, "ModelPackageGroupStatus": "Completed"})
    return request


def test_versions_are_numbered_from_one_and_never_again(platform, group):
    first, second = (add_version(platform, group, {"A": 1}) for _ in range(2))
    assert [one["ModelPackageArn"] for one in (first, second)] == [f"{ARN}/g/1", f"{ARN}/g/2"]
    assert second["CreationTime"] > first["CreationTime"]
    assert second["ModelApprovalStatus"] == "PendingManualApproval"
    packages(platform, group).remove(stored_name(second))
    assert add_version(platform, group, {})["ModelPackageVersion"] == 3


def test_versions_made_at_once_have_different_numbers(platform, group):
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: add_version(platform, group, {}), range(40)))
    assert sorted(one["ModelPackageVersion"] for one in made) == list(range(1, 41))
    assert len({one["CreationTime"] for one in made}) == 40


def test_a_group_that_is_deleted_takes_no_version(platform, group):
    groups(platform, group).update("g", lambda record: record.update(ModelPackageGroupStatus="Deleting"))
    with pytest.raises(ValidationError):
        add_version(platform, group, {})
    assert packages(platform, group).all() == []


def test_a_retry_makes_no_second_package(platform):
    request = create(ModelPackageName="p", ClientToken="t")
    assert ClientTokens(platform, request).earlier() is None
    record = add_unversioned(platform, request, {})
    ClientTokens(platform, request).remember(record)
    assert ClientTokens(platform, request).earlier() == f"{ARN}/p"
    with pytest.raises(AwsError) as caught:
        ClientTokens(platform, create(ModelPackageName="q", ClientToken="t")).earlier()
    assert caught.value.code == "ConflictException"
    packages(platform, request).remove("p")
    assert ClientTokens(platform, request).earlier() is None
