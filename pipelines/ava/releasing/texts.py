"""The texts and tables of a release of films: all but the films and the checksums."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kinetics_builder.formats.datasheet.answers import ANSWERS, read_answers
from kinetics_builder.formats.datasheet.answers import Answers as SheetAnswers
from kinetics_builder.formats.splits import SHORT
from kinetics_builder.workspace import Workspace
from pipelines.ava.released.folder import FilmsFolder
from pipelines.ava.released.tally import statistics_of, tally_of
from pipelines.ava.releasing.answers import Answers
from pipelines.ava.releasing.describing import describe_films
from pipelines.ava.releasing.films import FilmsAs
from pipelines.ava.releasing.given import GivenAnswers
from pipelines.ava.releasing.gone import write_taken_down
from pipelines.ava.releasing.layouts import LONG_TAIL, PREDICTED, README, Layout
from pipelines.ava.releasing.lists import Contents, measured_ids
from pipelines.ava.releasing.readme import Told, write_readme
from pipelines.ava.releasing.said import read_said
from pipelines.ava.releasing.survey import Survey
from pipelines.ava.statistics.summary import Rules, Summary, summarise
from pipelines.measuring.result import Manner
from pipelines.publishing.folders.describing import hub_card, write_descriptions
from pipelines.publishing.folders.facts import STATISTICS, write_json
from pipelines.publishing.folders.pseudonyms import Pseudonyms, worker_names

_ALL = "all.csv"


@dataclass(frozen=True)
class Texts:
    """Writes them."""

    workspace: Workspace
    layout: Layout
    films_as: FilmsAs
    pseudonyms: Pseudonyms
    sheet: SheetAnswers
    """What the makers say."""

    @classmethod
    def of(cls, workspace: Workspace, layout: Layout, films_as: FilmsAs) -> "Texts":
        """Read what the makers say; raises ConfigError for answers that are none."""
        sheet = read_answers(workspace.root / ANSWERS)
        return cls(workspace, layout, films_as, Pseudonyms.of(workspace.engine), sheet)

    def write(self, answers: Answers, found: Survey, built: Path) -> Told:
        """Write everything; return what the README says."""
        session, config = answers.session, self.workspace.config
        self._contents(answers, found, built).write()
        workers = worker_names(session, self.pseudonyms)
        GivenAnswers(session, found.films, workers).write(built)
        num_taken_down = write_taken_down(session, self.layout, built)
        release = FilmsFolder.of(built)
        statistics = statistics_of(tally_of(built, release.films))
        write_json(built / STATISTICS, statistics)
        splits = {split: self._summary(release.truth(split)) for split in release.splits()}
        least = config.release.min_validate_examples
        told = Told(
            layout=self.layout,
            survey=found,
            said=read_said(session),
            whole=self._summary_of_all(built, [*splits]),
            splits=splits,
            vocabulary=answers.vocabulary,
            measured=measured_ids(found.films, answers.vocabulary, least),
            num_taken_down=num_taken_down,
            has_proposals=any(built.glob(PREDICTED.format("*"))),
            given=[*statistics["answers"]],
            films_as=self.films_as,
            config=config,
        )
        has_films = self.films_as is not FilmsAs.NONE
        description = describe_films(release, statistics, config, has_films=has_films)
        readme = hub_card(description, self.sheet) + write_readme(told)
        (built / README).write_text(readme, encoding="utf-8")
        _draw(built / LONG_TAIL, told.whole)
        write_descriptions(built, description, self.sheet)
        return told

    def _contents(self, answers: Answers, found: Survey, built: Path) -> Contents:
        config = self.workspace.config
        return Contents(
            session=answers.session,
            answers=answers,
            layout=self.layout,
            films=found.films,
            min_examples=config.release.min_validate_examples,
            min_score=config.detect.min_score,
            has_unconfirmed=found.num_unconfirmed > 0,
            folder=built,
        )

    def _summary(self, path: Path) -> Summary:
        config = self.workspace.config
        own = config.actions.vocabulary
        rules = Rules(
            vocabulary=self.workspace.root / own if own else None,
            step_seconds=config.keyframes.every_seconds,
        )
        return summarise(path, rules, Manner())[0]

    def _summary_of_all(self, built: Path, splits: Sequence[str]) -> Summary:
        """Return the statistics of the rows of all splits together."""
        path = built.parent / _ALL
        with path.open("wb") as whole:
            for split in splits:
                whole.write((built / self.layout.truth.format(SHORT[split])).read_bytes())
        return self._summary(path)


def _draw(path: Path, whole: Summary) -> None:
    from pipelines.ava.statistics.pictures import long_tail

    path.write_bytes(long_tail(whole.classes))
