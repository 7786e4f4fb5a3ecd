"""The three classes of every model here, in the order of the logits."""

LABELS = ("negative", "neutral", "positive")
NEGATIVE, NEUTRAL, POSITIVE = range(3)
