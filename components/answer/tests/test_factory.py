"""The graph's address and the model's client are chosen by what the folder and the endpoint are."""

import pytest
from ckgqa_answer.factory import graph_url, open_model
from ckgqa_answer.question_model.http import HttpModel

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.jsonlines import write_json


def test_the_address_of_a_graph_is_the_flags_the_file_or_the_one_in_the_folder(tmp_path):
    with pytest.raises(InputError, match=r"neither graph.db nor graph.json is there"):
        graph_url(tmp_path)
    write_json(tmp_path / "graph.json", {"url": "ws://neptune:8182/gremlin"})
    assert graph_url(tmp_path) == "ws://neptune:8182/gremlin"
    (tmp_path / "graph.db").touch()
    assert graph_url(tmp_path) == str(tmp_path / "graph.db")
    assert graph_url(tmp_path, "ws://other:8182/gremlin") == "ws://other:8182/gremlin"


def test_an_address_of_http_is_a_server():
    model = open_model("http://localhost:8080")
    assert isinstance(model, HttpModel)
    assert model.url == "http://localhost:8080/invocations"
    model.close()


def test_an_empty_address_is_rejected():
    with pytest.raises(InputError, match="address is empty: expected http://HOST:PORT, or the name of a SageMaker"):
        open_model(" ")


@pytest.mark.parametrize("name", ["127.0.0.1:8080", "a b", "-qa", "问答", "x" * 64])
def test_a_name_that_no_endpoint_can_have_is_said_at_once(name):
    with pytest.raises(
        InputError, match=f"model address {name}: expected http://HOST:PORT, or the name of a SageMaker endpoint"
    ):
        open_model(name)
