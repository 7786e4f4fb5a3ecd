"""A recipe: everything that decides how a model is trained, as one TOML file in training/recipes/."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from models.pooling import POOLINGS
from models.recurrence import RECURRENCES

RECIPES = Path(__file__).parent / "recipes"


class RecipeError(ValueError):
    """A recipe that cannot be followed. The message names the file, the field, what was found and what is expected."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NetworkSection(_Section):
    """The network's shape; see models.classifier.Architecture."""

    embedding_size: int = Field(128, ge=1)
    encoder: str = "lstm"
    hidden_size: int = Field(128, ge=1)
    layers: int = Field(1, ge=1)
    directions: Literal[1, 2] = 2
    pooling: str = "max+mean"
    embedding_dropout: float = Field(0.0, ge=0, lt=1)
    layer_dropout: float = Field(0.0, ge=0, lt=1)
    head_dropout: float = Field(0.0, ge=0, lt=1)

    @model_validator(mode="after")
    def _known(self) -> "NetworkSection":
        if self.encoder not in RECURRENCES:
            raise ValueError(f"encoder is {self.encoder!r}; expected one of {', '.join(RECURRENCES)}")
        names = self.pooling.split("+")
        if not set(names) <= set(POOLINGS) or len(set(names)) != len(names):
            raise ValueError(f"pooling is {self.pooling!r}; expected some of {', '.join(POOLINGS)}, joined with +")
        return self


class TextSection(_Section):
    """Vocabulary and length."""

    vocabulary_size: int = Field(30_000, ge=100, description="ids at most")
    max_tokens: int = Field(400, ge=8, description="a longer text is cut in the middle")


class EmbeddingsSection(_Section):
    """Where the embeddings start."""

    start: Literal["scratch", "in-domain", "file"] = "scratch"
    file: Path | None = Field(None, description="GloVe or fastText text file, for start = 'file'")
    epochs: int = Field(3, ge=1, description="passes over all unlabelled and training text, for start = 'in-domain'")

    @model_validator(mode="after")
    def _file_goes_with_start(self) -> "EmbeddingsSection":
        if (self.start == "file") != (self.file is not None):
            raise ValueError(f"start is {self.start!r} and file {self.file}; a file goes with start = 'file' alone")
        return self


class PretrainingSection(_Section):
    """The language model that embedding and encoder are before they judge; see training/pretrain.py."""

    epochs: int = Field(1, ge=1, description="passes over all training text, labelled or not")
    batch_tokens: int = Field(8_192, ge=1, description="tokens a step: here tokens weigh alike, not texts")
    sample: int = Field(1_024, ge=1, description="tokens of the vocabulary that a step's loss is told against")
    learning_rate: float = Field(3e-3, gt=0, description="highest, after warm-up; then it falls along a cosine to 1 %")
    warmup: float = Field(0.05, ge=0, lt=1, description="share of the steps in which the rate rises")
    clip_norm: float = Field(1.0, gt=0, description="the gradient's norm at most")
    dropout: float = Field(0.1, ge=0, lt=1, description="of hidden states")


class DistillationSection(_Section):
    """What a teacher holds of real reviews, beside their labels; see training/distill.py."""

    teacher: Path | None = Field(None, description="a file of training/distill.py (default: training/teacher.npz)")
    hard: float = Field(0.3, ge=0, le=1, description="share of the label where there is one; the rest is the teacher's")


Shares = dict[str, Annotated[float, Field(ge=0, le=100)]]


class TrainingSection(_Section):
    """Optimisation of one stage; each stage starts from the best weights of the one before."""

    corpora: Shares = Field(default_factory=dict, description="shares that are others than those of [corpora]")
    epochs: int = Field(6, ge=1)
    batch_texts: int = Field(64, ge=1, description="texts a step; the loss is their mean, so that texts weigh alike")
    learning_rate: float = Field(2e-3, gt=0, description="highest, after warm-up; then it falls along a cosine to 1 %")
    warmup: float = Field(0.05, ge=0, lt=1, description="share of the steps in which the rate rises")
    weight_decay: float = Field(0.01, ge=0)
    clip_norm: float = Field(1.0, gt=0, description="the gradient's norm at most")
    layer_rate: float = Field(1.0, gt=0, le=1, description="the encoder's rate by the head's, the embedding's by that")
    unfreeze: float = Field(0.0, ge=0, lt=0.5, description="share of the steps until the next layer down learns too")
    word_dropout: float = Field(0.0, ge=0, lt=1, description="share of tokens read as unknown while training")
    weight_drop: float = Field(0.0, ge=0, lt=1, description="share of recurrent weights that a step does without")
    adversarial: float = Field(
        0.0, ge=0, description="length of the adversary's move of a text's embeddings, in their standard deviations"
    )
    two_class_loss: bool = Field(
        False, description="reviews of corpora without a neutral label say nothing of neutral, in place of: not that"
    )
    average: float = Field(0.0, ge=0, lt=1, description="decay a step of the moving average of weights; 0: none")
    keep: float = Field(
        0.0, ge=0, lt=1, description="share of the weights that a later stage began with in what is judged and saved"
    )
    patience: int = Field(2, ge=1, description="epochs without a better dev macro-F1 before it stops")


class Recipe(_Section):
    """One recipe. `corpora`: how often a training review of each is seen in an epoch (0.5: half of them); `training`:
    its stages, one after the other."""

    seed: int = 1
    corpora: Shares = Field(default_factory=dict)
    exchanges: int = Field(0, ge=0, description="variants of a written sentence, with other words of praise and blame")
    starter_sentences: int = Field(0, ge=0, description="sentences of training/starter.py beside the corpora")
    text: TextSection = TextSection()
    network: NetworkSection = NetworkSection()
    embeddings: EmbeddingsSection = EmbeddingsSection()
    pretraining: PretrainingSection | None = None
    distillation: DistillationSection | None = None
    training: tuple[TrainingSection, ...] = Field((TrainingSection(),), min_length=1)

    @field_validator("training", mode="before")
    @classmethod
    def _one_stage(cls, value: Any) -> Any:
        """`[training]` is one stage, `[[training]]` one of several."""
        return (value,) if isinstance(value, dict) else value

    @model_validator(mode="after")
    def _parts_go_together(self) -> "Recipe":
        for number, stage in enumerate(self.training, start=1):
            unread = ", ".join(sorted(set(stage.corpora) - set(self.corpora)))
            if unread:
                raise ValueError(f"stage {number} of [[training]] has a share of {unread}; name it in [corpora] too")
        for corpus, count, name in (
            ("exchanged", self.exchanges, "exchanges"),
            ("starter", self.starter_sentences, "starter_sentences"),
        ):
            if (self.largest_share(corpus) > 0) != (count > 0):
                raise ValueError(
                    f"{name} is {count}, [corpora] {corpus} {self.largest_share(corpus)}; set both or none"
                )
        if self.exchanges and not self.largest_share("context"):
            raise ValueError("exchanges are of written sentences; name context in [corpora] too")
        if self.pretraining and self.network.directions == 2 and self.network.layers > 1:
            raise ValueError(
                f"layers is {self.network.layers}; [pretraining] in two directions needs one layer, since a second "
                "would read what it is to foretell"
            )
        return self

    def largest_share(self, corpus: str) -> float:
        """The share of a corpus in the stage that shows it most; 0 where none does."""
        return max(stage.corpora.get(corpus, self.corpora.get(corpus, 0.0)) for stage in self.training)


def read_recipe(name: str) -> Recipe:
    """Reads `training/recipes/NAME.toml`, or the TOML file at the path `name`. Raises RecipeError."""
    path = Path(name) if name.endswith(".toml") else RECIPES / f"{name}.toml"
    try:
        with path.open("rb") as file:
            fields: dict[str, Any] = tomllib.load(file)
    except FileNotFoundError:
        known = ", ".join(sorted(one.stem for one in RECIPES.glob("*.toml")))
        raise RecipeError(f"there is no recipe {name!r}; expected {known}, or a .toml file") from None
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"{path} is not TOML: {error}") from None
    try:
        return Recipe.model_validate(fields)
    except ValidationError as error:
        lines = [f"{_place(e['loc'])}: {e['msg']}, got {e['input']!r}" for e in error.errors()]
        raise RecipeError(f"{path} is no recipe: " + "; ".join(lines)) from None


def _place(location: tuple[int | str, ...]) -> str:
    """Where in the file: training.epochs, training (stage 2).epochs."""
    return " ".join(part if isinstance(part, str) else f"(stage {part + 1})" for part in location) or "recipe"
