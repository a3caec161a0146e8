"""Ids are the first 32 hexadecimal digits of SHA-256, checked against coreutils' sha256sum."""

import subprocess

from ckgqa.graph.ids import edge_id, entity_id, fact_id, slot_edge_id


def sha256sum(text):
    return subprocess.run(["sha256sum"], input=text.encode(), capture_output=True, check=True).stdout[:32].decode()


def test_ids_are_what_sha256sum_says():
    assert entity_id("战狼") == sha256sum("战狼")
    assert edge_id("战狼", "导演", "吴京") == sha256sum("战狼\x1f导演\x1f吴京")
    fact = sha256sum("吴京\x1f饰演\x1f@value=冷锋\x1finWork=战狼")
    assert fact_id("吴京", "饰演", {"inWork": "战狼", "@value": "冷锋"}) == fact
    assert slot_edge_id(fact, "inWork") == sha256sum(f"{fact}\x1finWork")


def test_the_order_of_slots_does_not_matter_and_their_values_do():
    one = fact_id("a", "p", {"x": "1", "y": "2"})
    assert one == fact_id("a", "p", {"y": "2", "x": "1"})
    assert one != fact_id("a", "p", {"x": "2", "y": "1"})


def test_words_cannot_run_into_each_other():
    assert edge_id("ab", "c", "d") != edge_id("a", "bc", "d")
