"""What goes in and out under the Open Inference Protocol: one tensor of texts, and one for each part of an answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.predictor import Prediction

INPUT = {"name": "text", "datatype": "BYTES", "shape": [-1]}
"""The tensor of texts, as the metadata describe it; −1 is any number."""


@dataclass(frozen=True, slots=True)
class Output:
    """A tensor of the answer: its datatype, and its element for one text."""

    datatype: str
    of: Callable[["Prediction"], Any]


# FP64, for the network's probabilities are doubles: as FP32, a client would round what /predict never rounds.
OUTPUTS = {
    "label": Output("BYTES", lambda one: one.label),
    "score": Output("FP64", lambda one: one.score),
    "p_negative": Output("FP64", lambda one: one.probabilities["negative"]),
    "p_neutral": Output("FP64", lambda one: one.probabilities["neutral"]),
    "p_positive": Output("FP64", lambda one: one.probabilities["positive"]),
    "language": Output("BYTES", lambda one: one.language),
    "tokens": Output("INT32", lambda one: one.tokens),
    "truncated": Output("BOOL", lambda one: one.truncated),
    "warning": Output("BYTES", lambda one: one.warning or ""),  # a tensor has no gaps
}
"""By name, in the order in which they are answered where none is asked for."""


def output_metadata() -> list[dict[str, Any]]:
    """Return what the metadata say of the outputs."""
    return [{"name": name, "datatype": output.datatype, "shape": [-1]} for name, output in OUTPUTS.items()]


def tensors(names: Sequence[str], predictions: "Sequence[Prediction]") -> list[dict[str, Any]]:
    """Return the outputs of these names, each of one dimension, an element for each text in the order of the texts."""
    return [
        {
            "name": name,
            "shape": [len(predictions)],
            "datatype": OUTPUTS[name].datatype,
            "data": [OUTPUTS[name].of(one) for one in predictions],
        }
        for name in names
    ]
