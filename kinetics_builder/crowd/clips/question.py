"""The question about a clip, as it is dealt into tasks."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """Whether a clip shows a label."""

    clip_id: int
    label_id: int
    label: str
    content: str
    """Names the question without ids: video, start, end, label."""
    gold_id: int | None = None
    """The gold row that knows the answer; None for an ordinary question."""
    is_yes: bool = False
    """Of gold: whether the answer is yes."""

    @property
    def thing(self) -> int:
        """The clip."""
        return self.clip_id

    @property
    def slot(self) -> dict[str, int | None]:
        """Return the columns of `task_slot` that say what is asked."""
        return {"clip_id": self.clip_id, "label_id": self.label_id}
