"""The whole way, once, in a world whose truth is known."""

from pathlib import Path

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.text.class_list.classes import read_classes
from kinetics_builder.workspace import CONFIG_FILE, Workspace
from pipelines.classes.importing import import_classes
from pipelines.collecting.classes import remember
from pipelines.demo import claims
from pipelines.demo.clips import ClipWork, count_open
from pipelines.demo.crew.annotators import CREW
from pipelines.demo.crew.turns import Crew
from pipelines.demo.extractor import SEARCH_KEY
from pipelines.demo.gold import choose_gold, write_gold
from pipelines.demo.networks import scorer_in_background, train_side_by_side, trainers
from pipelines.demo.plan import Plan
from pipelines.demo.publish import publish_videos
from pipelines.demo.settings import classes_text, settings_text
from pipelines.demo.show import Clock, Show
from pipelines.demo.site import HOST, port_of, serve
from pipelines.demo.tally import usable_stretches
from pipelines.demo.truth import Truth, truth_of, write_truth
from pipelines.demo.verdict import (
    DemoVerdict,
    NetworkScore,
    bars_of,
    count_votes,
    judge,
    tally_stages,
)
from pipelines.demo.world import World, build_world
from pipelines.inspecting.report import write_report
from pipelines.publishing.curating.curate import curate
from pipelines.publishing.release import release
from pipelines.running.engines.children import begin_serving
from pipelines.running.runner import run_stage
from pipelines.stages import MODULES, build_stage
from pipelines.verifying.aggregate import aggregate
from pipelines.verifying.assign import assign
from pipelines.verifying.gold import add_gold


def run_demo(plan: Plan, show: Show | None = None) -> DemoVerdict:
    """Build the demo world and a dataset from it, train on it, and judge all of it.

    Goes on where an earlier run of the same plan stood; after a whole run it does nothing
    but judge again.

    Raises:
        KbuildError: The folder holds another demo, or the site's port is taken.

    """
    clock, show = Clock(), show or Show()
    plan.claim()
    world = build_world(plan.seed, plan.small)
    truth = truth_of(world)
    workspace = _workspace(plan)
    with serve(world, plan.media, port_of(plan.world)):
        with clock.timing("draw"):
            _draw(plan, world, truth, show)
        _collect(plan, workspace, show, clock)
    with trainers(plan, workspace.runs) as pool:
        with clock.timing("annotate"):
            _ask(plan, workspace, truth)
            _annotate(plan, workspace, truth, show)
        with clock.timing("release"):
            made = _publish(workspace)
        with clock.timing("train"):
            scores = train_side_by_side(plan, workspace.runs, made, show, pool)
    return _verdict(plan, workspace, truth, (made, scores, clock))


def _workspace(plan: Plan) -> Workspace:
    plan.classes.write_text(classes_text(), encoding="utf-8")
    if (plan.folder / CONFIG_FILE).exists():
        return Workspace.open(plan.folder)
    base = f"http://{HOST}:{port_of(plan.world)}"
    return Workspace.create(plan.folder, settings_text(base))


def _draw(plan: Plan, world: World, truth: Truth, show: Show) -> None:
    """Draw the videos, while another process trains the scorer."""
    write_truth(plan.truth, truth)
    show.say(f"Drawing a world of {len(world.uploads)} videos in {plan.world}")
    if not plan.media.exists():
        begin_serving()  # the stages that follow need it at once
    with scorer_in_background(plan, world) as wait:
        publish_videos(world, plan.media)
        wait()


def _collect(plan: Plan, workspace: Workspace, show: Show, clock: Clock) -> None:
    """Run every stage from class names to clips."""
    with writing(workspace.engine) as session:
        import_classes(session, read_classes(plan.classes))
        remember(session, plan.classes, f"search:{SEARCH_KEY}", None)
    for name in MODULES:
        with clock.timing(name):
            run_stage(workspace, build_stage(name, workspace), reporter=show.reporter())


def _ask(plan: Plan, workspace: Workspace, truth: Truth) -> None:
    """Put the clips into tasks; the gold comes before them."""
    if not plan.gold.exists():
        with reading(workspace.engine) as session:
            rows = choose_gold(claims.kept(session), truth, plan.num_gold)
        write_gold(plan.gold, rows)
    with writing(workspace.engine) as session:
        add_gold(session, plan.gold)
        assign(session, workspace.config)


def _annotate(plan: Plan, workspace: Workspace, truth: Truth, show: Show) -> None:
    """Have the crew answer over HTTP, through the page that people use."""
    from annotation_ui.server import serving

    with reading(workspace.engine) as session:
        num_open = count_open(session)
    if num_open:
        show.say(f"Annotating {num_open} clips over HTTP, a crew of {len(CREW)}")
        with serving(workspace) as base:
            num_votes = Crew(workspace, base).work(ClipWork(workspace, truth, plan.seed))
        show.say(f"{num_votes} votes")
        with writing(workspace.engine) as session:
            aggregate(session, workspace.config.verify)


def _publish(workspace: Workspace) -> Path:
    with writing(workspace.engine) as session:
        curate(session, workspace.config)
    return release(workspace).folder


def _verdict(
    plan: Plan,
    workspace: Workspace,
    truth: Truth,
    made: tuple[Path, list[NetworkScore], Clock],
) -> DemoVerdict:
    folder, scores, clock = made
    with reading(workspace.engine) as session:
        stages = tally_stages(session, folder, truth)
        votes = count_votes(session)
    num_usable = len(usable_stretches(truth))
    judged = judge(stages, num_usable, votes)
    precision, recall, votes_per_clip = judged
    with clock.timing("report"):
        report = write_report(workspace, plan.folder / "report.html")
    return DemoVerdict(
        stages=tuple(stages),
        num_usable=num_usable,
        precision=precision,
        recall=recall,
        num_votes=votes[0],
        votes_per_accepted_clip=votes_per_clip,
        networks=tuple(scores),
        bars=bars_of(judged, scores, plan.small),
        report=report,
        seconds=clock.seconds,
        part_seconds=clock.parts,
    )
