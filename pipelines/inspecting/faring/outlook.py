"""Whether a class will have as many clips as it shall, and what it lacks. Pure functions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipelines.inspecting.faring.classes import ClassFaring

_FEW_DECIDED = 20
"""Clips of a class that people have decided; with fewer, the share of all classes is taken."""


@dataclass(frozen=True)
class Outlook:
    """What is to be expected of a class."""

    num_expected: int
    """Accepted clips, once all that is here was fetched and answered."""
    quota: int
    why: str
    """Where most is lost, if that is fewer than the quota; else empty."""

    @property
    def will_miss(self) -> bool:
        """Whether it is to be expected that the class gets fewer clips than it shall."""
        return self.num_expected < self.quota


def outlooks(classes: Sequence[ClassFaring], quota: int) -> list[Outlook]:
    """Return what is to be expected of each class.

    Of clips that nobody has decided the share is expected to be accepted that was so far, and of
    videos that wait as many clips as of those that came: of the class itself, or of all where the
    class has too few. Where nothing was decided, all; of a class that is closed nothing more.
    """
    share = _share(sum(one.num_accepted for one in classes), sum(o.num_decided for o in classes))
    a_video = _share(sum(o.num_kept for o in classes), sum(o.num_fetched for o in classes))
    found = []
    for one in classes:
        of_class = _share(one.num_accepted, one.num_decided)
        accepted = of_class if one.num_decided >= _FEW_DECIDED else share
        clips = _share(one.num_kept, one.num_fetched) if one.num_fetched else a_video
        coming = 0 if one.closed else one.num_undecided + one.num_waiting * clips
        num = one.num_accepted + int(accepted * coming + 1e-9)
        found.append(Outlook(num, quota, _why(one, quota) if num < quota else ""))
    return found


def worst_first(classes: Sequence[ClassFaring], quota: int) -> list[tuple[ClassFaring, Outlook]]:
    """Return the classes with their outlooks, those of which least is to be expected first."""
    pairs = zip(classes, outlooks(classes, quota), strict=True)
    return sorted(pairs, key=lambda p: (p[1].num_expected, p[0].num_matched, p[0].label))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _why(one: ClassFaring, quota: int) -> str:
    """Return that the class is closed, or the step at which the largest share was lost."""
    if one.closed:
        return one.closed
    if not one.num_listed and not one.num_matched:
        return "no query has found a video, and no title names it"
    if max(one.num_listed, one.num_matched) < quota:
        return _few(one)
    kept, words = min(_steps(one), key=lambda step: step[0], default=(1.0, ""))
    return words if kept < 1 else "each step has left it too little"


def _few(one: ClassFaring) -> str:
    """Return how few videos there are; those of a folder or a list are found by no query."""
    if one.num_listed < one.num_matched:
        return f"{_counted(one.num_matched, 'video')} in all could be of it"
    return f"its queries have found {_counted(one.num_listed, 'video')} in all"


def _steps(one: ClassFaring) -> Iterator[tuple[float, str]]:
    """Yield what share each step has let through, and that in words."""
    if one.num_listed:
        videos = _counted(one.num_listed, "listed video")
        yield one.num_matched / one.num_listed, f"of {videos} {one.num_matched} name it"
    if num_ended := one.num_fetched + sum(one.lost.values()):
        reasons = ", ".join(f"{number} {reason}" for reason, number in one.lost.items())
        came = f"of {_counted(num_ended, 'video')} that were asked for {one.num_fetched} came"
        yield one.num_fetched / num_ended, f"{came} ({reasons})" if reasons else came
    if one.num_fetched:
        fetched = _counted(one.num_fetched, "fetched video")
        yield (
            one.num_proposed / one.num_fetched,
            f"{fetched} gave {_counted(one.num_proposed, 'clip')}",
        )
    if one.num_proposed:
        clips = _counted(one.num_proposed, "proposed clip")
        yield one.num_kept / one.num_proposed, f"of {clips} {one.num_kept} are no duplicates"
    if one.num_decided:
        clips = _counted(one.num_decided, "decided clip")
        yield one.num_accepted / one.num_decided, f"of {clips} {one.num_accepted} are accepted"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
