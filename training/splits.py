"""Which review trains, which tunes and which is kept for measuring: by content, by film, never by chance.

A rule on the content gives the same answer on every machine, in every order and after any filter, and
one text that stands in two files falls on the same side in both.
"""

import hashlib

TRAIN, DEV, CALIBRATION, TEST = "train", "dev", "calibration", "test"
SPLITS = (TRAIN, DEV, CALIBRATION)


def content_key(text: str) -> str:
    """The text in lower case without byte-order marks and without any whitespace: what makes two texts one."""
    return "".join(text.lower().replace("\ufeff", "").split())


def letters_key(text: str) -> str:
    """The content key without punctuation, for texts whose quotation marks were retyped on the way."""
    return "".join(character for character in text.lower() if character.isalnum())


def content_byte(text: str) -> int:
    """First byte (0-255) of the SHA-256 of the content key in UTF-8."""
    return _digest(text)[0]


def content_hash(text: str) -> str:
    """First 64 bits of it as 16 hex digits: what is known of a text is filed under this where the text may not be."""
    return _digest(text)[:8].hex()


def _digest(text: str) -> bytes:
    # A lone surrogate has no UTF-8; it is hashed as it stands, since a split must never fail.
    return hashlib.sha256(content_key(text).encode("utf-8", "surrogatepass")).digest()


def content_split(text: str) -> str:
    """Split of a Chinese or an Amazon review: `test`, `dev`, `calibration` or `train`, of 51, 13, 13 and 179 in 256."""
    byte = content_byte(text)
    if byte % 5 == 0:
        return TEST
    return {1: DEV, 2: CALIBRATION}.get(byte % 20, TRAIN)


def user_split(text: str) -> str:
    """Split of a user's own review: as `content_split`, except that nothing is set aside for a test."""
    return {1: DEV, 2: CALIBRATION}.get(content_byte(text) % 20, TRAIN)


def film_split(title_id: str) -> str:
    """Split of all reviews of one film, by its IMDB title id such as `tt0453418`."""
    byte = hashlib.sha256(title_id.encode("utf-8")).digest()[0]
    return {1: DEV, 2: CALIBRATION}.get(byte % 10, TRAIN)


def treebank_dev_split(sentence: str) -> str:
    """Split of a sentence of the treebank's official development set: a fifth of them calibrates."""
    return CALIBRATION if content_byte(sentence) % 5 == 0 else DEV
