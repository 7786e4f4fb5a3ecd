"""Where the authors of each corpus published it, with the hash that a download must have."""

from dataclasses import dataclass

_ACLIMDB = "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz"
_TREES = "https://nlp.stanford.edu/sentiment/trainDevTestTrees_PTB.zip"
_PAIRS = (
    "https://raw.githubusercontent.com/acmi-lab/counterfactually-augmented-data/"
    "6f232a1d2a11462a30ce08fb4825b734ab30828e/sentiment/combined/paired"
)
_CHINESE = (
    "https://raw.githubusercontent.com/SophonPlus/ChineseNlpCorpus/a0b781d72158bde242c0626c9e354d2b328865ff/datasets"
)
_AMAZON = "https://www.cs.jhu.edu/~mdredze/datasets/sentiment/domain_sentiment_data.tar.gz"


@dataclass(frozen=True, slots=True)
class Original:
    """One published file.

    Parameters:
        url: its address.
        known_hash: `sha256:…` or `md5:…`; None where none is known, and then what was seen is written down.
        path: where it goes under DATA_DIR.
        members: for an archive that is unpacked and then removed: file under DATA_DIR -> how its member's name ends.
            Only these are taken out, so no test split reaches the disk. Empty for a file that is used as it comes.
    """

    url: str
    known_hash: str | None
    path: str
    members: tuple[tuple[str, str], ...] = ()


def _sha256(digest: str) -> str:
    return f"sha256:{digest}"


ORIGINALS = (
    Original(_ACLIMDB, "md5:7c2ac02c03563afcf9b574c7e56c153a", "imdb/aclImdb_v1.tar.gz"),
    Original(
        _TREES,
        _sha256("5c613a4f673fc74097d523a2c83f38e0cc462984d847b82c7aaf36b01cbbbfcc"),
        "sst/trainDevTestTrees_PTB.zip",
        tuple((f"sst/trees/{split}.txt", f"trees/{split}.txt") for split in ("train", "dev")),
    ),
    Original(
        f"{_PAIRS}/train_paired.tsv",
        _sha256("7ac50ca3d70890f80e11ee59955cdbfc43f26b5078d0603717817ab224d2af18"),
        "counterfactual/combined/paired/train_paired.tsv",
    ),
    Original(
        f"{_PAIRS}/dev_paired.tsv",
        _sha256("4c2d8a70cbce23eba27fb1f0bb5043cf044811912435cf8d10c3ea6fc7a51363"),
        "counterfactual/combined/paired/dev_paired.tsv",
    ),
    Original(
        f"{_CHINESE}/online_shopping_10_cats/online_shopping_10_cats.zip",
        _sha256("6816ded66fde9d0927ecbd370b5e12d0174d1abac35192ec014ac2a0a8d25858"),
        "chinese/online_shopping_10_cats.zip",
        (("chinese/online_shopping_10_cats.csv", "online_shopping_10_cats.csv"),),
    ),
    Original(
        f"{_CHINESE}/ChnSentiCorp_htl_all/ChnSentiCorp_htl_all.csv",
        _sha256("1d414b9c65caf3a836abdb4efded621968502ad3338e1a9d885ae131c86083f0"),
        "chinese/ChnSentiCorp_htl_all.csv",
    ),
    Original(
        f"{_CHINESE}/waimai_10k/waimai_10k.csv",
        _sha256("b8b5c11c00b51578d35937fca56e03a126b45381f1ea4b22893237cb377a26fe"),
        "chinese/waimai_10k.csv",
    ),
    Original(
        _AMAZON,
        None,
        "amazon/domain_sentiment_data.tar.gz",
        tuple(
            (f"amazon/{domain}/{kind}.review", f"{domain}/{kind}.review")
            for domain in ("books", "dvd", "electronics")
            for kind in ("negative", "positive")
        ),
    ),
)


def original_of(file: str) -> Original:
    """The published file that holds `file`, a path under DATA_DIR.

    Raises:
        KeyError: nothing that was published holds it.
    """
    for original in ORIGINALS:
        if file == original.path or file in dict(original.members):
            return original
    raise KeyError(file)
