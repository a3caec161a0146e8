import io
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.response import StreamingBody
from localaws.serving.model_data import ModelDataError, download_model


class Bucket:
    """S3 with one object."""

    def get_object(self, **names: str) -> dict[str, Any]:
        if names != {"Bucket": "data", "Key": "models/model.tar.gz"}:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        return {"Body": StreamingBody(io.BytesIO(b"content"), 7)}


def test_a_model_is_downloaded_to_a_file(tmp_path):
    with download_model(Bucket(), "s3://data/models/model.tar.gz", tmp_path) as model:
        assert model.read() == b"content"


def test_a_model_that_is_missing_is_an_error_with_its_address(tmp_path):
    with pytest.raises(ModelDataError, match=r"s3://data/models/other\.tar\.gz"):
        download_model(Bucket(), "s3://data/models/other.tar.gz", tmp_path)
