"""The reply is the JSON of the contract, with its facts, their sentences and the path through the graph."""

import json

from ckgqa.graph.ids import edge_id, entity_id


def test_the_reply_is_the_contracts_json(ask):
    record = ask("《战狼2》是谁导演的", "list:导演/@value", {"subject": "战狼2"}).as_record()
    assert json.loads(json.dumps(record)) == json.loads(json.dumps(record, ensure_ascii=False))
    assert set(record) == {
        "question", "status", "answer", "values", "candidates", "confidence", "understood", "facts", "context", "path",
        "suggestions",
    }  # fmt: skip
    assert record["facts"] == (
        {
            "subject": "战狼2", "predicate": "导演", "object": "吴京", "slots": {}, "source": "labelled", "score": 1.0,
            "count": 1, "evidence": ({"id": "train:2", "text": "战狼2的导演是吴京。"},),
        },
    )  # fmt: skip
    film, person = entity_id("战狼2"), entity_id("吴京")
    assert record["path"] == {
        "vertices": (
            {"id": film, "name": "战狼2", "types": ("影视作品",), "asked": False},
            {"id": person, "name": "吴京", "types": ("人物", "娱乐人物"), "asked": True},
        ),
        "edges": [{"id": edge_id("战狼2", "导演", "吴京"), "from": film, "to": person, "label": "导演"}],
    }
    assert len(record["context"]) <= 2000
