"""The model folder: written by `train`, read by `evaluate` and `extract`."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from ckgqa.runtime.artefacts import CASREL, CONFIG_JSON, METRICS_JSONL, SCHEMA_JSON, WEIGHTS
from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa.runtime.jsonlines import write_json, write_jsonl
from ckgqa.runtime.manifest import Manifest, read_manifest, schema_hash, write_manifest
from ckgqa_train_casrel.bert import BertEncoder, write_bert_config
from ckgqa_train_casrel.building import casrel, saved_encoder
from ckgqa_train_casrel.config import ModelConfig, read_config, write_config
from ckgqa_train_casrel.model import CasRel
from ckgqa_train_casrel.reading import Reader
from ckgqa_train_casrel.schema import Schema, read_schema, to_json
from ckgqa_train_casrel.vocabulary import read_vocabulary, write_vocabulary


def save_model(
    folder: Path,
    *,
    model: CasRel,
    reader: Reader,
    config: ModelConfig,
    history: Sequence[Mapping[str, float]],
    manifest: Manifest,
) -> None:
    """Fill a folder with everything that the model is.

    Raises:
        ServiceError: the weights cannot be written.
    """
    write_config(folder / CONFIG_JSON, config)
    write_json(folder / SCHEMA_JSON, to_json(reader.schema))
    write_vocabulary(folder / "vocabulary.json", reader.vocabulary)
    if isinstance(model.encoder, BertEncoder):
        write_bert_config(folder, model.encoder)
    weights = {name: tensor.contiguous().cpu() for name, tensor in model.state_dict().items()}
    try:
        save_file(weights, folder / WEIGHTS)
    except SafetensorError as error:  # its own way to say that the disk is full
        raise ServiceError(f"{WEIGHTS} cannot be written ({error}); free some space and run again") from error
    (folder / WEIGHTS).chmod(0o644)  # its library makes it private, and the next stage may run as another user
    write_jsonl(folder / METRICS_JSONL, history)
    write_manifest(folder, manifest)


def load_model(folder: Path) -> tuple[CasRel, Reader, ModelConfig]:
    """Read a model folder.

    Raises:
        InputError: it is no model, of another version, from another schema, without weights, or with weights of
            another shape than its configuration says.
    """
    manifest = read_manifest(folder, CASREL)
    schema = read_schema(folder / SCHEMA_JSON)
    if manifest.schema_hash != schema_hash(to_json(schema)):
        raise InputError(f"{folder}: schema.json is not the schema that the model was trained on")
    config = read_config(folder / CONFIG_JSON)
    vocabulary = read_vocabulary(folder / "vocabulary.json")
    reader = Reader(schema, config.types, vocabulary, config.window, config.overlap)
    encoder = saved_encoder(folder, config, vocabulary)
    model = casrel(encoder, config.architecture, vocabulary.unknown, len(schema.labels))
    path = folder / WEIGHTS
    if not path.is_file():
        raise InputError(f"{folder}: {WEIGHTS} is missing, so there are no weights; copy the whole folder of `train`")
    try:
        model.load_state_dict(load_file(path))
    except (RuntimeError, SafetensorError) as error:
        raise InputError(f"{path}: not the weights that config.json and schema.json ask for ({error})") from error
    return model.eval(), reader, config


def model_manifest(schema: Schema, settings: Mapping[str, object], hashes: Mapping[str, str]) -> Manifest:
    """Describe a model that `train` made from inputs with these hashes."""
    return Manifest(*CASREL, schema_hash(to_json(schema)), "train_casrel train", settings, hashes)
