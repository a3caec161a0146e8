"""Every character has one number; what is not known itself is looked up in a plainer form."""

import subprocess
import sys

from ckgqa.training.characters import CharacterIds

IDS = CharacterIds({"a": 2, "b": 3, "B": 4, "年": 5, "2": 6}, unknown=1)


def test_every_character_has_one_id():
    hard = "《Ａb👨‍👩‍👧》2019年𠮷野\ud83d\u3000 é\n"  # full width, a joined emoji, a rare character, half a surrogate
    assert len(IDS.of(hard)) == len(hard)


def test_forms_are_looked_up_and_what_is_known_itself_stays():
    assert IDS.of("ABab") == [2, 4, 2, 3]
    assert IDS.of("Ａａ２年") == [2, 2, 6, 5]
    assert IDS.of("𠮷A𠮷") == [1, 2, 1]
    assert IDS.of("") == []


def test_it_needs_neither_torch_nor_numpy():
    code = (
        "import sys, ckgqa.training.characters; sys.exit(bool({'torch', 'numpy', 'transformers'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
