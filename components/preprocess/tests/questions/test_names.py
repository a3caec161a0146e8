"""Names: their splits, similar names, and misspelled names."""

from random import Random

import pytest
from ckgqa_preprocess.questions.graph.facts import FactGraph, GraphFact, NamedEntity, usable
from ckgqa_preprocess.questions.graph.name_noise import NameNoise, is_one_edit
from ckgqa_preprocess.questions.splits import NameSplits, assign
from hypothesis import given
from hypothesis import strategies as st

from .graphs import SOUNDS, world


def distance(first: str, second: str) -> int:
    """Return the edits between two texts, swaps of neighbours included, by the textbook's table."""
    rows = [[i + j if i * j == 0 else 0 for j in range(len(second) + 1)] for i in range(len(first) + 1)]
    for i in range(1, len(first) + 1):
        for j in range(1, len(second) + 1):
            cost = first[i - 1] != second[j - 1]
            rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + cost)
            if i > 1 and j > 1 and first[i - 1] == second[j - 2] and first[i - 2] == second[j - 1]:
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    return rows[-1][-1]


few = st.text("ab c", min_size=0, max_size=6)


@given(few, few)
def test_one_edit_is_what_the_table_says(first: str, second: str) -> None:
    assert is_one_edit(first, second) == (distance(first, second) <= 1)


def graph(*entities: NamedEntity, facts: tuple[GraphFact, ...] = ()) -> FactGraph:
    return FactGraph({entity.name: entity for entity in entities}, facts, ())


def entity(text: str, *aliases: str) -> NamedEntity:
    return NamedEntity(text, ("人物",), aliases, " ".join(SOUNDS.get(letter, letter) for letter in text))


def test_similar_names_are_equal_sound_alike_have_the_alias_or_are_one_edit_away() -> None:
    similar = NameNoise(
        graph(entity("张明伟"), entity("张铭维"), entity("张明"), entity("李军华", "军华"), entity("王大海"))
    ).similar_names
    assert similar("张明伟") == {"张明伟", "张铭维", "张明"}, "itself, its homophone, and one character less"
    assert similar("军华") == {"李军华"}
    assert similar("王大") == {"王大海"}
    assert similar("月月月") == set()


def test_a_misspelled_name_is_similar_to_its_own_name_alone() -> None:
    names = [
        entity("".join(letters))
        for letters in zip("张李王赵陈" * 8, "明伟丽军华风云山" * 5, "民维立俊花" * 8, strict=True)
    ]
    names += [entity("斯蒂文·泽里安"), entity("Max Zhang"), entity("风云2")]
    known = graph(*names)
    noise, rng = NameNoise(known), Random(1)
    kinds = set()
    for one in names * 5:
        surface = noise.misspell(one, rng)
        if surface is not None:
            assert surface not in known.entities
            assert noise.similar_names(surface) <= {one.name}
            kinds.add((one.name, surface))
    assert ("斯蒂文·泽里安", "斯蒂文泽里安") in kinds
    assert ("Max Zhang", "max zhang") in kinds
    assert ("风云2", "风云二") in kinds


def test_an_alias_of_two_names_stands_for_neither() -> None:
    names = [entity("海城大学", "海大"), entity("海国大学", "海大", "海国"), entity("天国大学", "天国大学")]
    noise = NameNoise(graph(*names))
    assert [noise.unique_alias(one, Random(1)) for one in names] == [None, "海国", None]


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("吴京", True),
        ("C", True),
        ("2012", True),
        ("", False),
        ("！？", False),
        ("a\nb", False),
        (" a", False),
        ("长" * 41, False),
    ],
)
def test_usable_names_fit_into_a_question(text: str, fits: bool) -> None:
    assert usable(text) == fits


def facts_of_world() -> tuple[GraphFact, ...]:
    return tuple(
        GraphFact(predicate, tuple(sorted({"subject": subject, **slots}.items())))
        for predicate, subject, _, slots in world()
    )


def test_names_are_held_back_with_their_whole_facts() -> None:
    facts = facts_of_world()
    splits = NameSplits(graph(facts=facts), {"天国"}, 13)
    for split, least in (("test", 0.08), ("validation", 0.04)):
        for predicate in ("导演", "饰演", "妻子", "简称"):
            found = [fact for fact in facts if fact.predicate == predicate]
            whole = [fact for fact in found if all(splits.allows(one, split) for _, one in fact.roles)]
            assert len(whole) >= least * len(found), (split, predicate)
    assert splits.of("天国") == "train"
    names = {one for fact in facts for _, one in fact.roles}
    assert sum(splits.of(one) == "train" for one in names) > 0.6 * len(names)


def test_names_in_very_many_facts_are_always_trained_on() -> None:
    facts = tuple(GraphFact("国籍", (("@value", "中国"), ("subject", f"人{number}"))) for number in range(60))
    assert NameSplits(graph(facts=facts), set(), 13).of("中国") == "train"


def test_wordings_are_dealt_out_so_that_each_list_has_some_to_test_with() -> None:
    groups = [[f"{group}/{number}" for number in range(size)] for group, size in enumerate([1, 2, 3, 4, 20])]
    splits = assign([*groups, ["4/0", "0/0"]], "13")
    counts = [
        [[splits[key] for key in group].count(split) for split in ("train", "validation", "test")] for group in groups
    ]
    assert counts == [[1, 0, 0], [2, 0, 0], [2, 0, 1], [2, 1, 1], [15, 2, 3]]
