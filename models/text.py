"""Text -> token ids with code point offsets; the rule for what is a text at all; the language.

One vocabulary serves English and Chinese: English words cut into pieces where they are rare, Chinese by
character. Built on the `tokenizers` library, which runs outside the interpreter lock.
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tokenizers import Regex, models, normalizers, pre_tokenizers, trainers
from tokenizers import Tokenizer as Backend

PAD, UNKNOWN = 0, 1
_SPECIAL = ["[PAD]", "[UNK]"]

# A Chinese character is a word; a run of other letters is one, with its apostrophes ("doesn't" stays whole, for
# its meaning is in the whole); so is a run of digits; every other sign stands alone.
_WORD = r"\p{Han}|[\p{L}\p{M}&&[^\p{Han}]]+(?:'[\p{L}&&[^\p{Han}]]+)*|\p{N}+|[^\s\p{L}\p{M}\p{N}]"


class TextError(ValueError):
    """A text that no model can read. The message says what is wrong and what to change, never the text."""

    index: int | None = None
    """Place in the list that was given, where there was one."""


class SpanError(ValueError):
    """A span that is none of the text's; `index` is its place among those that were asked for."""

    def __init__(self, message: str, index: int) -> None:
        super().__init__(message)
        self.index = index


def check_text(text: str) -> None:
    """Refuses what is no text: the one rule for the API, the batch script and the predictor.

    Raises TextError: nothing but white space; U+0000; half a surrogate pair (it has no UTF-8 form).
    """
    if not text or text.isspace():
        raise TextError(f"the text is {'blank' if text else 'empty'}; expected at least one visible character")
    nul = text.find("\0")
    if nul >= 0:
        raise TextError(f"the text holds the control character U+0000 at position {nul}; remove it")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise TextError(
            f"the text holds half a surrogate pair (U+{ord(text[error.start]):04X}) at position {error.start}; "
            "send whole characters"
        ) from None


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one text, in order: `ids`, and for each its `(start, end)` in code points of the text as given, and
    in `words` the number of the word that it is, or is a piece of."""

    ids: list[int]
    offsets: list[tuple[int, int]]
    words: list[int | None]


class Tokenizer:
    """Deterministic tokenizer with a fixed vocabulary; id 0 is padding, id 1 is unknown.

    Text is brought to Unicode NFKC (full-width signs become ASCII), lower case, straight apostrophes; `<br />` and
    zero-width characters go. Words are then cut by WordPiece (longest match first; Schuster & Nakajima 2012), so
    that only a word holding a character never seen in training is unknown.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.size: int = backend.get_vocab_size()
        """Number of ids, padding and unknown included."""

    @classmethod
    def train(cls, texts: Iterable[str], vocabulary_size: int = 32_000) -> "Tokenizer":
        """Learns a vocabulary of at most `vocabulary_size` ids from training text.

        Characters seen fewer than five times and pieces seen fewer than three times are left out. The same texts in
        the same order give the same vocabulary.
        """
        reader = Backend(models.WordPiece(unk_token=_SPECIAL[UNKNOWN]))
        _add_reading(reader)
        clean = [reader.normalizer.normalize_str(text) for text in texts]
        seen: Counter[str] = Counter()
        for text in clean:
            seen.update(text)
        rare = {ord(character): " " for character, count in seen.items() if count < 5}
        # The trainer numbers the inner form of a character when it first meets one, in an order that changes from run
        # to run, and breaks ties by number. Named beforehand, they have their numbers.
        inner = ["##" + one for one in sorted(seen) if ord(one) not in rare and not one.isspace()]
        inner = [
            piece
            for piece in inner
            if not _HAN.match(piece[2:])
            and (piece[2:].isalnum() or piece == "##'" or unicodedata.category(piece[2:])[0] == "M")
        ]
        trainer = trainers.WordPieceTrainer(
            vocab_size=vocabulary_size, min_frequency=3, special_tokens=_SPECIAL + inner, show_progress=False
        )
        reader.train_from_iterator((text.translate(rare) for text in clean), trainer)
        # Built anew from the vocabulary alone: the trainer also registers [PAD] and [UNK] as words to be found in
        # text, and a review that says "[PAD]" must not be padding.
        backend = Backend(models.WordPiece(reader.get_vocab(), unk_token=_SPECIAL[UNKNOWN]))
        _add_reading(backend)
        return cls(backend)

    @classmethod
    def from_json(cls, text: str) -> "Tokenizer":
        """Reads what `to_json` wrote. Raises ValueError where it is something else."""
        try:
            backend = Backend.from_str(text)
        except Exception as error:  # noqa: BLE001 - the library raises bare Exception
            raise ValueError(f"not a tokenizer in JSON: {error}") from None
        return cls(backend)

    def to_json(self) -> str:
        """The whole tokenizer, vocabulary and normalisation included, as one JSON string."""
        return json.dumps(json.loads(self._backend.to_str()), ensure_ascii=False, sort_keys=True)

    def encode(self, texts: Sequence[str]) -> list[Tokens]:
        """Ids and offsets of each text, in order. A text without any sign that counts has no tokens."""
        found = self._backend.encode_batch(list(texts), add_special_tokens=False)
        return [Tokens(one.ids, one.offsets, one.word_ids) for one in found]

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids alone, which is faster: what `encode(texts)` gives as `ids`."""
        return [one.ids for one in self._backend.encode_batch_fast(list(texts), add_special_tokens=False)]

    def piece(self, token: int) -> str:
        """The vocabulary's own text for an id, "##" before a piece that goes on with a word."""
        found = self._backend.id_to_token(token)
        if found is None:
            raise IndexError(f"token id {token} is not in the vocabulary of {self.size} ids")
        return found


def _add_reading(backend: Backend) -> None:
    """Normalisation and word boundaries, the same for learning and for reading."""
    backend.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(r"(?i)<br\s*/?>"), " "),
            normalizers.NFKC(),
            normalizers.Replace(Regex("[\u2018\u2019\u02bc`\u00b4]"), "'"),
            normalizers.Replace(Regex("[\u200b-\u200f\u2060\ufeff\u00ad\ufe0f]"), ""),
            normalizers.Lowercase(),
        ]
    )
    backend.pre_tokenizer = pre_tokenizers.Split(Regex(_WORD), behavior="removed", invert=True)


_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA_HANGUL = re.compile("[\u3040-\u30ff\u1100-\u11ff\uac00-\ud7af]")
_LATIN_WORD = re.compile("[A-Za-z\u00c0-\u024f']+")
_OTHER_LETTER = re.compile("[\u0370-\u1fff\u2c00-\u2dff\ua000-\uabff]")
# Words that nearly every sentence of a language holds. Those that two languages share ("a", "me", "in", "so", "film")
# are in neither set.
_ENGLISH = frozenset(
    "the and of is was it this that with for you my i'm it's not have had are were be been they what which very would "
    "there from but if just all only don't didn't i".split()
)
_FOREIGN = frozenset(
    "le les des une est et pas je c'est très avec pour que qui dans sur mais ce cette il elle nous vous "
    "der die das und ist nicht ich ein eine mit sehr war auf den dem von zu es für aber auch "
    "el los las una muy pero por con del lo como para más y era "
    "gli che di non è molto ma questo questa per sono della nel "
    "uma não muito com foi um mas é os ao na "
    "het een niet van heel maar dat deze wij "
    "och inte det jag är som på".split()
)
_SAMPLE = 600  # characters are enough to tell a language


def detect_language(text: str) -> str:
    """Tells `en`, `zh` or `other` by script, and among Latin scripts by function words.

    A text without any letter, or of Latin words that no list knows ("Super!"), counts as English, for nothing
    speaks against it.
    """
    sample = text[:_SAMPLE]
    han = len(_HAN.findall(sample))
    latin = _LATIN_WORD.findall(sample.lower())
    other = len(_OTHER_LETTER.findall(sample))
    kana_hangul = len(_KANA_HANGUL.findall(sample))
    if kana_hangul > han // 4 and kana_hangul + other > len(latin):
        return "other"
    if other > sum(map(len, latin)) and other > han:
        return "other"
    # A Chinese character says about as much as an English word.
    if han and han >= len(latin):
        return "zh"
    foreign = sum(word in _FOREIGN for word in latin)
    if foreign >= 2 and foreign > sum(word in _ENGLISH for word in latin):
        return "other"
    return "en"
