"""Examples of answers that several operations of the OpenAPI document show."""

MODEL = {"name": "default", "version": "3f2a9c1b"}
PREDICTION = {
    "label": "negative",
    "score": 0.87,
    "probabilities": {"negative": 0.87, "neutral": 0.09, "positive": 0.04},
    "language": "en",
    "tokens": 8,
    "truncated": False,
    "model": MODEL,
}
PREDICTIONS = {
    "predictions": [
        {
            "label": "positive",
            "score": 0.98,
            "probabilities": {"negative": 0.0, "neutral": 0.02, "positive": 0.98},
            "language": "en",
            "tokens": 5,
            "truncated": False,
            "model": MODEL,
        },
        {
            "label": "negative",
            "score": 0.98,
            "probabilities": {"negative": 0.98, "neutral": 0.01, "positive": 0.01},
            "language": "zh",
            "tokens": 6,
            "truncated": False,
            "model": MODEL,
        },
    ]
}
_TRAJECTORY = {"forward": [-0.4, -0.9], "backward": [-1.9, 0.6]}
_GATE = {"mean": [0.4, 0.5], "lower": [0.2, 0.3], "upper": [0.6, 0.7]}
EXPLANATION = {
    "prediction": {name: value for name, value in PREDICTION.items() if name != "model"} | {"tokens": 2},
    "offset_unit": "codepoint",
    "tokens": [
        {
            "text": "not",
            "start": 0,
            "end": 3,
            "contribution": {"total": -3.0, "forward": -1.0, "backward": -2.0},
            "alone": -1.2,
        },
        {
            "text": "good",
            "start": 4,
            "end": 8,
            "contribution": {"total": 0.2, "forward": 0.1, "backward": 0.1},
            "alone": 1.5,
        },
    ],
    "target": "positive",
    "method": "signals",
    "logit": -2.7,
    "bias": 0.1,
    "completeness_error": 0.0,
    "temperature": 1.1,
    "trajectory": _TRAJECTORY,
    "interactions": [{"a": [0, 3], "b": [4, 8], "value": -3.1}],
    "phrases": [
        {"start": 0, "end": 3, "score": -1.2},
        {"start": 4, "end": 8, "score": 1.5},
        {"start": 0, "end": 8, "score": -2.8},
    ],
    "spans": [{"start": 4, "end": 8, "score": 1.5}],
    "without": [
        {
            "removed": 0,
            "label": "positive",
            "probabilities": {"negative": 0.05, "neutral": 0.05, "positive": 0.9},
            "logit": 2.9,
            "trajectory": {"forward": [None, 1.4], "backward": [None, 1.4]},
        }
    ],
    "units": [
        {
            "id": 17,
            "direction": "backward",
            "weight": {"max": 0.8, "mean": 0.3},
            "contribution": -0.6,
            "h": [-0.7, 0.1],
        }
    ],
    "gates": {"forward": {"i": _GATE, "f": _GATE, "o": _GATE}, "backward": {"i": _GATE, "f": _GATE, "o": _GATE}},
    "notes": [],
    "model": MODEL,
}
