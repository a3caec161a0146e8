"""Each predicate types its triples by the signature that the training split uses most."""

from ckgqa_train_casrel.data.records import LabelledTriple
from ckgqa_train_casrel.data.schema import PredicateSignature, Schema, choose_default_signatures

SCHEMA = Schema(
    (
        PredicateSignature("作者", "图书作品", {"@value": "人物"}),
        PredicateSignature("作者", "歌曲", {"@value": "人物"}),
    ),
    (("作者", "@value"),),
)


def written(subject_type: str) -> LabelledTriple:
    return LabelledTriple("甲", "作者", {"@value": "乙"}, subject_type, "人物")


def test_the_most_frequent_signature_is_the_default_and_the_first_among_equals():
    books, songs = [written("图书作品")], [written("歌曲")]
    assert choose_default_signatures(SCHEMA, [*books, *songs, *songs]) == {"作者": 1}
    assert choose_default_signatures(SCHEMA, [*books, *songs]) == {"作者": 0}
    assert choose_default_signatures(SCHEMA, []) == {"作者": 0}
