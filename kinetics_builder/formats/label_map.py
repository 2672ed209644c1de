"""Class numbers and names, whichever file they came from."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from kinetics_builder.formats.records import Label


@dataclass(frozen=True, slots=True)
class LabelMap:
    """The classes of a dataset, in the order of their file.

    >>> labels = LabelMap((Label(1, "bend"), Label(3, "crouch")))
    >>> labels.names[3], labels.ids["bend"], labels.index("crouch")
    ('crouch', 1, 1)
    """

    labels: tuple[Label, ...]
    names: dict[int, str] = field(init=False, repr=False)
    """The name of a number as the file has it."""
    ids: dict[str, int] = field(init=False, repr=False)
    """The number of a name."""
    _places: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", {label.id: label.name for label in self.labels})
        object.__setattr__(self, "ids", {label.name: label.id for label in self.labels})
        places = {label.name: place for place, label in enumerate(self.labels)}
        object.__setattr__(self, "_places", places)

    @classmethod
    def of_names(cls, names: Iterable[str], *, first_id: int = 0) -> "LabelMap":
        """Return the map that numbers `names` in their order."""
        return cls(tuple(Label(first_id + place, name) for place, name in enumerate(names)))

    def index(self, name: str) -> int:
        """Return the 0-based place of `name` among the classes.

        Raises:
            ValueError: An unknown name.

        """
        try:
            return self._places[name]
        except KeyError:
            raise ValueError(f"the label {name!r} is not in the label map") from None

    def id_of(self, name: str) -> int:
        """Return the number the map gives `name`; ValueError for an unknown name."""
        return self.labels[self.index(name)].id

    def name_of(self, number: int) -> str:
        """Return the name of a number as the file has it; ValueError for an unknown one."""
        try:
            return self.names[number]
        except KeyError:
            raise ValueError(f"the class number {number} is not in the label map") from None

    def in_order(self) -> "LabelMap":
        """Return the classes in the order of their numbers, if these have no gap; else as it is.

        A network's outputs stand in this order, however the lines of a file are sorted.
        """
        numbers = self.names.keys()
        is_dense = numbers == set(range(len(self.labels))) or self.counts_from_one
        return LabelMap(tuple(sorted(self.labels))) if is_dense else self

    @property
    def counts_from_one(self) -> bool:
        """Whether the numbers are 1 to the number of classes, in any order, of two at least."""
        return len(self.names) > 1 and self.names.keys() == set(range(1, len(self.names) + 1))

    def __iter__(self) -> Iterator[Label]:
        return iter(self.labels)

    def __len__(self) -> int:
        return len(self.labels)
