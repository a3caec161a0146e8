"""Checks of the inputs of `train` and `extract` without torch: a run calls them before its first task."""

from pathlib import Path

from ckgqa.runtime.artefacts import CASREL, CONFIG_JSON, SCHEMA_JSON, VOCABULARY_JSON, WEIGHTS
from ckgqa.runtime.errors import InputError, naming_input, require
from ckgqa.runtime.files import unpacked
from ckgqa.runtime.jsonlines import read_json
from ckgqa.runtime.manifest import read_manifest, schema_hash
from ckgqa.runtime.optional_inputs import optional_input
from ckgqa.runtime.settings import refusal
from ckgqa.training.bert_folder import check_bert_folder, check_safetensors
from ckgqa_train_casrel.data.extraction_inputs import list_inputs, survey
from ckgqa_train_casrel.data.records import check_same_schema
from ckgqa_train_casrel.data.schema import read_schema, schema_to_json
from ckgqa_train_casrel.settings import ExtractSettings, TrainSettings

LARGEST_LISTED_HEADS = 16
"""The refusal of --attention-heads lists the allowed numbers up to this one."""


def check_train(settings: TrainSettings) -> None:
    """Check the BERT to train on.

    Raises:
        InputError: the folder holds no BERT, or one that does not fit the settings.
    """
    if settings.pretrained is not None:
        sizes = check_bert_folder(settings.pretrained)
        check_window(settings.window, sizes.longest)
        check_attention_heads(settings.attention_heads, sizes.hidden_size)


def check_extract(settings: ExtractSettings) -> None:
    """Check the model, and read all texts once.

    Raises:
        InputError: an input is damaged or of another kind, or too many lines are unreadable.
    """
    if settings.model.exists():
        with naming_input("--model", settings.model), unpacked(settings.model) as model:
            trained_on = check_model_folder(model)
            sentences = optional_input(settings.sentences)
            if sentences is not None and sentences.exists():
                check_same_schema(sentences, trained_on)
    survey([source for source in list_inputs(settings) if source.path.exists()], settings)


def check_model_folder(folder: Path) -> str:
    """Check the files of a model folder without loading the model, and return the hash of its schema.

    Raises:
        InputError: the folder holds no model of this version, a file is missing or damaged, or they do not match.
    """
    manifest = read_manifest(folder, CASREL)
    if manifest.schema_hash != schema_hash(schema_to_json(read_schema(folder / SCHEMA_JSON))):
        raise InputError(f"{folder}: {SCHEMA_JSON} is not the schema that the model was trained on")
    for name in (CONFIG_JSON, VOCABULARY_JSON):
        read_json(folder / name)
    if not (folder / WEIGHTS).is_file():
        raise InputError(f"{folder}: {WEIGHTS} is missing, so there are no weights; copy the whole folder of `train`")
    check_safetensors(folder / WEIGHTS)
    return manifest.schema_hash


def check_window(window: int, longest: int) -> None:
    """Reject a window of more characters than a BERT sees.

    Raises:
        InputError: it is too large.
    """
    allowed = f"at most {longest}: this BERT sees no more characters"
    require(window <= longest, refusal("--window", window, allowed))


def check_attention_heads(heads: int, hidden_size: int) -> None:
    """Reject a number of self-attention heads that does not divide the size of the encoder's states.

    Raises:
        InputError: it does not.
    """
    divisors = ", ".join(str(number) for number in range(1, LARGEST_LISTED_HEADS + 1) if hidden_size % number == 0)
    allowed = f"a divisor of {hidden_size}, the size of the encoder's states, such as {divisors}"
    require(hidden_size % heads == 0, refusal("--attention-heads", heads, allowed))
