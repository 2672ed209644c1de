"""From films whose truth is known to a network that learnt from what people say of them."""

from collections.abc import Sequence

from kinetics_builder.database.engine import reading
from kinetics_builder.workspace import CONFIG_FILE, Workspace
from pipelines.demo.ava.actor import NETWORK, train_actor
from pipelines.demo.ava.film import Film
from pipelines.demo.ava.giving import give_away
from pipelines.demo.ava.lessons import Learnt, learning, read_learnt
from pipelines.demo.ava.machine import collect_films
from pipelines.demo.ava.people.asking import ask_people, tally_people
from pipelines.demo.ava.plan import AvaPlan
from pipelines.demo.ava.truth import FilmTruth, read_truths, write_rows, write_truths
from pipelines.demo.ava.verdict import AvaVerdict, bars_of, bars_of_actor
from pipelines.demo.ava.world import build_films, publish_films, truths_of
from pipelines.demo.show import Clock, Show
from pipelines.inspecting.report import write_report

_SETTINGS = """\
# Settings of the demo world's films.

[detect]
detector = "trained"              # on boxes drawn on other films of the world
weights = "detector.pt"
min_score = {min_score}           # chosen for precision on films kept back

[release]
validate_share = 0.25
test_share = 0.0                  # few films: all others are learnt from
min_validate_examples = 5

[assign]
slots_per_task = 10               # so few that everybody gets several tasks, and enough gold

[verify]
haste_seconds = 0                 # simulated annotators do not wait
link_answers = 3                  # a stretch is long: what most of three say holds
"""


def run_ava_demo(plan: AvaPlan, show: Show | None = None) -> AvaVerdict:
    """Draw films, train a detector on others, collect, ask people, release, train; judge all.

    Goes on where an earlier run of the same plan stood; after a whole run it does nothing
    but judge again.

    Raises:
        KbuildError: The folder holds another demo.

    """
    clock, show = Clock(), show or Show()
    plan.claim()
    films = build_films(plan.seed, plan.num_films + plan.num_lessons)
    films, lessons = films[: plan.num_films], films[plan.num_films :]
    show.say(f"Drawing {len(films)} films in {plan.films}, and others to learn from")
    with clock.timing("draw"), learning(plan, lessons, show.say):
        publish_films(films, plan.films)
        truths = _truths(plan, films)
    learnt = read_learnt(plan)
    workspace = _workspace(plan, learnt)
    with clock.timing("collect"):
        steps = collect_films(plan, workspace, truths, show)
    with clock.timing("annotate"):
        kinds = ask_people(plan, workspace, truths, show)
    with reading(workspace.engine) as session:
        steps += tally_people(session, truths, workspace.config.link.max_gap)
    with clock.timing("release"):
        made, given = give_away(workspace, truths)
    steps += given
    with clock.timing("train"):
        run = workspace.runs / f"{made.name}-{NETWORK}"
        actor = train_actor(made, run, plan.num_actor_steps, show.say)
    with clock.timing("report"):
        report = write_report(workspace, plan.folder / "report.html")
    return AvaVerdict(
        num_films=len(films),
        seconds_of_film=sum(truth.duration_seconds for truth in truths),
        learnt=learnt,
        steps=steps,
        kinds=kinds,
        num_people=sum(len(m.asked()) for truth in truths for m in truth.key_frames()),
        actor=actor,
        bars=(*bars_of(steps, small=plan.small), *bars_of_actor(actor, plan.small)),
        report=report,
        seconds=clock.seconds,
        part_seconds=clock.parts,
    )


def _truths(plan: AvaPlan, films: Sequence[Film]) -> list[FilmTruth]:
    """Return what is true of the films, found out once and written down."""
    if not plan.truth.exists():
        truths = truths_of(films)
        write_rows(plan.rows, truths)
        temporary = plan.truth.with_suffix(".part")
        write_truths(temporary, truths)
        temporary.replace(plan.truth)
    return read_truths(plan.truth)


def _workspace(plan: AvaPlan, learnt: Learnt) -> Workspace:
    if (plan.folder / CONFIG_FILE).exists():
        return Workspace.open(plan.folder)
    settings = _SETTINGS.format(min_score=learnt.min_score)
    return Workspace.create(plan.folder, settings)
