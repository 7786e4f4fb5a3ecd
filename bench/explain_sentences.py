"""What a negator does in a few sentences, in the numbers that the flip test counts."""

from bench.explain_methods import Methods
from models.focus import is_negator
from training.tables import table

SENTENCES = (
    "i do not think the flower is beautiful",
    "the food was not bad at all",
    "我不喜欢数学",
    "没有想象中那么差",
)


def sentences(methods: Methods) -> str:
    """A line a sentence, of its first negator and the partner that the explanation shows with it; as Markdown."""
    rows = []
    for text in SENTENCES:
        explained = methods.predictor.explain(text)
        place, negator = next((place, word) for place, word in enumerate(methods.words(text)[1]) if is_negator(word))
        span = (negator.start, negator.end)
        partner = next(one.b for one in explained.interactions if one.a == span)
        asked = methods.predictor.explain(text, spans=(span, partner))
        by_itself, phrase = (one.score for one in asked.spans)
        value = asked.interactions[-1].value
        without = next(one.logit for one in explained.without if one.removed == place)
        numbers = (explained.logit, without, by_itself, phrase, by_itself + phrase + value, value)
        rows.append([text, negator.text, text[slice(*partner)], *(f"{number:+.2f}" for number in numbers)])
    heading = ["sentence", "negator", "partner", "z", "z without", "negator says", "partner says"]
    return table([*heading, "both say", "interaction"], rows, left=3)
