"""Where a training run stands."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(slots=True)
class Progress:
    """All of it goes into the checkpoint. Epochs and steps are counted through all stages."""

    stage: int = 0
    epoch: int = 0
    step_in_epoch: int = 0
    step: int = 0
    epochs_of_stages: list[int] = field(default_factory=list)
    """Of those that have ended."""
    best_macro_f1: float = -1.0
    best_epoch: int = -1
    seconds: float = 0.0
    history: list[dict[str, Any]] = field(default_factory=list)

    def epochs_done(self) -> int:
        """Of the present stage."""
        return self.epoch - sum(self.epochs_of_stages)

    def log(self, split: str, **figures: float) -> None:
        """One row of metrics.csv."""
        self.history.append(
            {"stage": self.stage + 1, "epoch": self.epoch + 1, "step": self.step, "split": split} | figures
        )

    def to_dict(self) -> dict[str, Any]:
        """As the checkpoint has it; `Progress(**fields)` is the way back."""
        return asdict(self)
