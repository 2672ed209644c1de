"""How well titles are matched to classes: the binary rule and the scored match beside each other.

    .venv/bin/python benchmarks/titles.py [--data DIR] [--out FILE]

Titles are the real ones of `titles/kinetics_titles_labelled.csv`. A fixed hash of their ids deals
them out: the words, weights and distances of the scored match were chosen by a look at one part
alone, the other part was only measured. What is learnt from decisions is measured by five folds
within each part: each fifth is matched with what the other four taught.
"""

import argparse
import csv
import hashlib
import platform
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.text.matching.embedded import EmbeddedMatcher
from kinetics_builder.text.matching.lessons import Lesson, learn
from kinetics_builder.text.matching.loose import Evidence
from kinetics_builder.text.matching.matcher import Matcher, TitleMatch
from kinetics_builder.text.matching.scored import ScoredMatcher, seen_by
from kinetics_builder.text.matching.titles import Title

ROOT = Path(__file__).parent.parent
SURE = 0.5
"""`match.min_score`."""
SHOWN = 0.2
"""Candidates of at least this score are decided about, for what is learnt."""
FOLDS = 5
COVERAGES = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9)
COLUMNS = {"k400": ("k400_label",), "k600": ("k600_label",), "k700": ("k400_label", "k600_label")}


@dataclass(frozen=True)
class Titled:
    """A real title and the classes of the list that are true of it."""

    video_id: str
    title: str
    truth: frozenset[str]

    @property
    def is_held_out(self) -> bool:
        """Whether the title is of the part that was only measured."""
        return hashlib.sha256(self.video_id.encode()).digest()[0] % 2 == 1

    @property
    def fold(self) -> int:
        """Which of the folds it is in."""
        return hashlib.sha256(f"fold{self.video_id}".encode()).digest()[0] % FOLDS


Match = Callable[[str], Sequence[TitleMatch]]
Answers = list[tuple[Titled, Sequence[TitleMatch]]]


def classes(data: Path, name: str) -> list[ClassEntry]:
    """Return a list of labels as classes: their names alone, no queries or synonyms."""
    lines = (data / "kinetics" / f"label_map_{name}.txt").read_text().splitlines()
    return [ClassEntry(name=line) for line in lines if line]


def titles(data: Path, name: str, entries: Sequence[ClassEntry]) -> list[Titled]:
    """Return the titles of which a class is in the list."""
    labels = {entry.name for entry in entries}
    with (data / "titles" / "kinetics_titles_labelled.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["title"]]
    found = (
        Titled(
            row["youtube_id"],
            row["title"],
            frozenset(row[column] for column in COLUMNS[name]) & labels,
        )
        for row in rows
    )
    return [titled for titled in found if titled.truth]


def taught(entries: Sequence[ClassEntry], part: Sequence[Titled]) -> Answers:
    """Match each fifth of the titles with what the other four taught."""
    plain = ScoredMatcher(entries, least=0.0)
    decided = {one: list(seen_by(plain, _decisions(plain, one))) for one in part}
    answers: Answers = []
    for fold in range(FOLDS):
        seen = [s for one, all_seen in decided.items() if one.fold != fold for s in all_seen]
        matcher = ScoredMatcher(entries, SHOWN, learn(seen))
        answers += [(one, matcher.match(one.title)) for one in part if one.fold == fold]
    return answers


def _decisions(matcher: ScoredMatcher, one: Titled) -> Iterator[Lesson]:
    """Yield what people would say of a title's candidates, and of its true class."""
    finds = matcher.finds(Title(one.title))
    shown = {matcher.entries[find.label].name for find in finds if find.score >= SHOWN}
    for label in sorted(shown | one.truth):
        yield Lesson(one.title, label, label in one.truth)


def quality(answers: Answers) -> str:
    """Return the cells: recall@1 and @5, precision of the first, coverage, precision of all."""
    sure = [(one, [m.label for m in found if m.score >= SURE]) for one, found in answers]
    named = [(one, labels) for one, labels in sure if labels]
    first = sum(labels[0] in one.truth for one, labels in named)
    five = sum(not one.truth.isdisjoint(labels[:5]) for one, labels in named)
    pairs = [(one, label) for one, labels in named for label in labels]
    right = sum(label in one.truth for one, label in pairs)
    shares = (
        first / len(sure),
        five / len(sure),
        first / len(named),
        len(named) / len(sure),
        right / len(pairs),
    )
    return " | ".join(f"{share:.1%}" for share in shares)


def curve(answers: Answers) -> str:
    """Return the cells: precision of the first at each coverage, its surest titles first."""
    firsts = [(found[0].score, found[0].label in one.truth) for one, found in answers if found]
    firsts.sort(key=lambda first: (-first[0], first[1]))
    cells = []
    for coverage in COVERAGES:
        number = round(coverage * len(answers))
        right = sum(is_right for _, is_right in firsts[:number])
        cells.append(f"{right / number:.1%}" if number <= len(firsts) else "-")
    return " | ".join(cells)


def missed(entries: Sequence[ClassEntry], part: Sequence[Titled]) -> Counter[str]:
    """Count why titles are not matched to their class first, by what they say of it."""
    matcher = ScoredMatcher(entries, least=0.0)
    counts: Counter[str] = Counter()
    for one in part:
        finds = sorted(
            matcher.finds(Title(one.title)),
            key=lambda find: (-find.score, matcher.entries[find.label].name),
        )
        names = [matcher.entries[find.label].name for find in finds]
        if finds and finds[0].score >= SURE and names[0] in one.truth:
            continue
        own = [find for find, name in zip(finds, names, strict=True) if name in one.truth]
        if finds and finds[0].score >= SURE and own and own[0].score >= SURE:
            counts["its class is named, another comes first"] += 1
        elif own and own[0].score < SURE and own[0].evidence is not Evidence.NAME:
            counts[f"says no more than {_SAID[own[0].evidence]}"] += 1
        else:
            counts["says nothing of the class in its words"] += 1
    return counts


_SAID = {
    Evidence.APART: "the name's words, far apart or in weak forms",
    Evidence.MOST: "all words of the name but one",
    Evidence.PART: "two of the name's three words",
    Evidence.OBJECT: 'the object of a verb such as "playing"',
    Evidence.THING: "the object, without its verb",
    Evidence.VERB: "the verb, without its object",
    Evidence.LEARNT: "words of accepted titles",
}


def methods(entries: Sequence[ClassEntry], part: Sequence[Titled]) -> Iterator[tuple[str, Answers]]:
    """Yield each way of matching with its answers, scores below `SURE` among them."""

    def answers(match: Match) -> Answers:
        return [(one, match(one.title)) for one in part]

    yield "binary", answers(Matcher(entries).match)
    yield "scored", answers(ScoredMatcher(entries, SHOWN).match)
    yield "scored, taught", taught(entries, part)
    yield "embedded", answers(EmbeddedMatcher(entries, SHOWN).match)


def main() -> None:
    """Measure, print the tables, write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "titles.md")
    options = parser.parse_args()
    rows: list[str] = []
    curves: list[str] = []
    reasons: list[str] = []
    for name in COLUMNS:
        entries = classes(options.data, name)
        all_titles = titles(options.data, name, entries)
        for is_held_out, what in ((False, "looked at"), (True, "held out")):
            part = [one for one in all_titles if one.is_held_out is is_held_out]
            for method, answers in methods(entries, part):
                head = f"| {name.upper()} | {what} | {len(part)} | {method} |"
                rows.append(f"{head} {quality(answers)} |")
                curves.append(f"{head} {curve(answers)} |")
            if is_held_out:
                counts = missed(entries, part)
                reasons += [f"| {name.upper()} | {k} | {n} |" for k, n in counts.most_common()]
    lines = [*_HEAD, *rows, *_CURVE_HEAD, *curves, *_REASON_HEAD, *reasons, ""]
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text("\n".join(lines))
    print(options.out.read_text())


def _machine() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*:\s*(.+)", cpuinfo.read_text()) if cpuinfo.exists() else None
    return found[1] if found else platform.processor() or platform.machine()


_HEAD = f"""# Titles and classes

{_machine()}, Python {platform.python_version()}. `python benchmarks/titles.py`.
Real titles with a true class (Kinetics' labels; a title may show more than is labelled) against the
names of three lists of classes, without queries or synonyms. K700 counts a title as right by its
label in Kinetics-400 or 600. A fixed hash of the videos' ids deals the titles out: what the scored
match takes and how it weighs it was chosen by a look at one part alone, the other part was only
measured. (The binary rule's weights are older: they were chosen with all titles in view.)
"taught": each fifth of a part is matched with what decisions about the other four fifths taught.
"embedded": scored, untaught; of titles that say but a part of a name, those that mean the class.

Of all titles, recall@1 and @5 are the shares whose class comes first, or among the first five,
with a score from {SURE} (`match.min_score`) on; coverage is the share with any class so sure, and
of those the precision of the first is the share that is right. Precision of all is that of every
candidate.

| classes | part | titles | match | recall@1 | @5 | precision of the first | coverage | of all |
|---|---|---:|---|---:|---:|---:|---:|---:|""".split("\n")
_CURVE_HEAD = f"""
Precision of the first at coverage: of the titles whose first class is surest, scores from {SHOWN}
on, among them objects without their verb.

| classes | part | titles | match | {" | ".join(f"{c:.0%}" for c in COVERAGES)} |
|---|---|---:|---|{"---:|" * len(COVERAGES)}""".split("\n")
_REASON_HEAD = [
    "",
    "Why titles that were held out are not matched first to their class (scored, untaught).",
    "",
    "| classes | the title | titles |",
    "|---|---|---:|",
]

if __name__ == "__main__":
    main()
