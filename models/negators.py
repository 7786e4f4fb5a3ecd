"""Words that turn others, looked for by the explanation alone: the network has no list of them."""

from models.words import Word

_ENGLISH = frozenset(
    "not no never nor neither nothing nobody none nowhere without hardly scarcely barely cannot cant dont doesnt didnt "
    "isnt wasnt arent werent wont wouldnt couldnt shouldnt havent hasnt hadnt aint lack lacks lacked lacking".split()
)
_CHINESE = frozenset("不没别无未非莫勿")


def is_negator(word: Word) -> bool:
    """Whether the word negates by its form: not, never, n't, 不, 没, …"""
    text = word.text.lower().replace("\u2019", "'")
    return text in _ENGLISH or text in _CHINESE or text.endswith("n't")
