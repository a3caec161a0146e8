import pytest
from localaws.sagemaker.batch_transform.settings import TransformSettings, resolve_settings, transform_environment

NAMED = {"MaxConcurrentTransforms": 4, "BatchStrategy": "SINGLE_RECORD", "MaxPayloadInMB": 2}


@pytest.mark.parametrize(
    ("request_members", "parameters", "expected"),
    [
        ({}, {}, (1, 6, "MultiRecord")),
        ({}, NAMED, (4, 2, "SingleRecord")),
        ({"MaxConcurrentTransforms": 0, "MaxPayloadInMB": 0}, NAMED, (4, 0, "SingleRecord")),
        (
            {"MaxConcurrentTransforms": 3, "BatchStrategy": "MultiRecord", "MaxPayloadInMB": 1},
            NAMED,
            (3, 1, "MultiRecord"),
        ),
        ({}, {"MaxConcurrentTransforms": "x", "BatchStrategy": 7, "MaxPayloadInMB": -1}, (1, 6, "MultiRecord")),
        ({}, {"MaxConcurrentTransforms": 0, "MaxPayloadInMB": True}, (1, 6, "MultiRecord")),
    ],
)
def test_the_request_comes_before_the_container_and_that_before_the_defaults(request_members, parameters, expected):
    assert resolve_settings(request_members, parameters) == TransformSettings(*expected)


def test_the_settings_are_the_first_line_of_the_data_log():
    settings = TransformSettings(2, 6, "SingleRecord")
    assert str(settings) == "MaxConcurrentTransforms=2, MaxPayloadInMB=6, BatchStrategy=SINGLE_RECORD"
    assert settings.limit == 6 * 1024 * 1024


def test_the_environment_names_what_the_request_names():
    assert transform_environment({}, {"A": "1"}) == {"A": "1", "SAGEMAKER_BATCH": "true"}
    request = {"Environment": {"A": "2"}, "MaxConcurrentTransforms": 2, "BatchStrategy": "MultiRecord"}
    assert transform_environment(request, {"A": "1"}) == {
        "A": "2",
        "SAGEMAKER_BATCH": "true",
        "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS": "2",
        "SAGEMAKER_BATCH_STRATEGY": "MULTI_RECORD",
    }
