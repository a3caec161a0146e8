"""The baseline of `serve_speed.py`: the same HTTP shell around plain PyTorch, `model(**tokenizer(question))`.

python components/train_jointbert/benchmarks/plain_torch.py --model FOLDER --bert FOLDER --port 8080
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch
import uvicorn
from ckgqa_train_jointbert.inference.predictions import JointBertLogits, QuestionPrediction, decode
from ckgqa_train_jointbert.model.folder import read_model_folder
from ckgqa_train_jointbert.serving.app import InvocationLimits, make_app
from ckgqa_train_jointbert.settings import ServeSettings
from transformers import AutoTokenizer, BertModel


def main() -> None:
    """Serve a BERT in the most common way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="a model folder of ours, for its labels")
    parser.add_argument("--bert", type=Path, required=True, help="a BERT folder with its tokenizer")
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    labels = read_model_folder(arguments.model).labels
    tokenizer = AutoTokenizer.from_pretrained(arguments.bert)
    bert = BertModel.from_pretrained(arguments.bert, add_pooling_layer=False, dtype=torch.float32).eval()
    hidden = bert.config.hidden_size
    intents = torch.nn.Linear(hidden, len(labels.kinds) + 2 * len(labels.step_classes))
    tags = torch.nn.Linear(hidden, len(labels.tags))

    def predict(questions: Sequence[str]) -> list[QuestionPrediction]:
        predictions: list[QuestionPrediction] = []
        for question in questions:
            with torch.inference_mode():
                states = bert(**tokenizer(question, return_tensors="pt")).last_hidden_state
                logits = JointBertLogits(intents(states[:, 0]).numpy(), tags(states[:, 1:-1]).numpy())
            # The tokenizer joins digits and letters, so that there may be fewer tokens than characters.
            predictions += decode([question[: logits.tags.shape[1]]], logits, labels, 1.0)
        return predictions

    settings = ServeSettings(model=arguments.model)
    app = make_app(predict, settings, InvocationLimits.from_settings(settings, window=128))
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=arguments.port,
        loop="uvloop",
        http="httptools",
        log_level="warning",
        access_log=False,
    )


if __name__ == "__main__":
    main()
