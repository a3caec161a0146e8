"""The model folder: `train` writes it, `evaluate` and `extract` read it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from ckgqa.runtime.artefacts import CASREL, CONFIG_JSON, METRICS_JSONL, SCHEMA_JSON, VOCABULARY_JSON, WEIGHTS
from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa.runtime.jsonlines import write_json, write_jsonl
from ckgqa.runtime.manifest import Manifest, read_manifest, schema_hash, write_manifest
from ckgqa_train_casrel.data.schema import Schema, read_schema, schema_to_json
from ckgqa_train_casrel.data.vocabulary import read_vocabulary, write_vocabulary
from ckgqa_train_casrel.model.bert import BertEncoder, write_bert_config
from ckgqa_train_casrel.model.build import build_casrel, build_saved_encoder
from ckgqa_train_casrel.model.casrel import CasRel
from ckgqa_train_casrel.model.config import CasRelConfig, InferenceConfig, read_config, write_config


def save_model(
    folder: Path,
    *,
    model: CasRel,
    inference: InferenceConfig,
    config: CasRelConfig,
    history: Sequence[Mapping[str, float]],
    manifest: Manifest,
) -> None:
    """Write all files of a model into a folder.

    Raises:
        ServiceError: the weights cannot be written.
    """
    write_config(folder / CONFIG_JSON, config)
    write_json(folder / SCHEMA_JSON, schema_to_json(inference.schema))
    write_vocabulary(folder / VOCABULARY_JSON, inference.vocabulary)
    if isinstance(model.encoder, BertEncoder):
        write_bert_config(folder, model.encoder)
    weights = {name: tensor.contiguous().cpu() for name, tensor in model.state_dict().items()}
    try:
        save_file(weights, folder / WEIGHTS)
    except SafetensorError as error:  # raised if the disk is full
        raise ServiceError(f"{WEIGHTS} cannot be written ({error}); free some space and run again") from error
    (folder / WEIGHTS).chmod(0o644)  # its library makes it private, and the next stage may run as another user
    write_jsonl(folder / METRICS_JSONL, history)
    write_manifest(folder, manifest)


def load_model(folder: Path) -> tuple[CasRel, InferenceConfig, CasRelConfig]:
    """Read a model folder.

    Raises:
        InputError: the folder holds no model of this version, or its weights, schema and configuration do not match.
    """
    manifest = read_model_manifest(folder)
    schema = read_schema(folder / SCHEMA_JSON)
    if manifest.schema_hash != schema_hash(schema_to_json(schema)):
        raise InputError(f"{folder}: {SCHEMA_JSON} is not the schema that the model was trained on")
    config = read_config(folder / CONFIG_JSON)
    vocabulary = read_vocabulary(folder / VOCABULARY_JSON)
    inference = InferenceConfig(schema, config.default_signatures, vocabulary, config.window, config.overlap)
    encoder = build_saved_encoder(folder, config.architecture, vocabulary)
    model = build_casrel(encoder, config.architecture, vocabulary.unknown, len(schema.labels))
    path = folder / WEIGHTS
    if not path.is_file():
        raise InputError(f"{folder}: {WEIGHTS} is missing, so there are no weights; copy the whole folder of `train`")
    try:
        model.load_state_dict(load_file(path))
    except (RuntimeError, SafetensorError) as error:
        raise InputError(f"{path}: not the weights that {CONFIG_JSON} and {SCHEMA_JSON} ask for ({error})") from error
    return model.eval(), inference, config


def read_model_manifest(folder: Path) -> Manifest:
    """Read the manifest of a model folder.

    Raises:
        InputError: the folder holds no model of this stage, or a model of another version.
    """
    return read_manifest(folder, CASREL)


def model_manifest(schema: Schema, settings: Mapping[str, object], hashes: Mapping[str, str]) -> Manifest:
    """Describe a model that `train` made from inputs with these hashes."""
    return Manifest(*CASREL, schema_hash(schema_to_json(schema)), "train_casrel train", settings, hashes)
