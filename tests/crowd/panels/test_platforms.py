"""What platforms' addresses say, and what goes back to them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetics_builder.crowd.panels.arrival import Arrival, BadArrival, Refusal
from kinetics_builder.crowd.panels.paying import Payment
from kinetics_builder.crowd.panels.registry import BY_NAME
from kinetics_builder.crowd.panels.settings import PanelConfig
from kinetics_builder.database.tables import Decided, Outcome

PANELS = {
    "prolific": PanelConfig(
        name="p", platform="prolific", completion_code="C1", screen_out_code="C2"
    ),
    "connect": PanelConfig(
        name="c",
        platform="connect",
        completion_code="C1",
        completion_url="https://connect.example/complete",
        screen_out_url="https://connect.example/partial",
    ),
    "external": PanelConfig(
        name="e",
        platform="external",
        frame_origin="https://workers.example",
        submit_hosts=("workers.example",),
    ),
}
IDS = {"prolific": "a" * 24, "connect": "8C1F0A5E2D", "external": "A1-WORKER"}


def sent(name: str) -> dict[str, list[str]]:
    platform = BY_NAME[name]
    names = (platform.participant, platform.study, platform.session)
    parameters = {one: [IDS[name]] for one in names}
    return {**parameters, "turkSubmitTo": ["https://workers.example/"]}


def payment(session: str, decided: Decided = Decided.APPROVE, **more: object) -> Payment:
    told = {
        "run": 1,
        "study": "s1",
        "session": session,
        "participant": f"p-{session}",
        "worker": "w",
        "outcome": Outcome.COMPLETE,
        "minutes": 3.0,
        "num_answers": 10,
        "num_gold": 2,
        "num_gold_right": 2,
        "decided": decided,
        "reason": "" if decided is Decided.APPROVE else 'Of 2, none, "really".',
        "bonus": Decimal("0.00"),
    }
    return Payment(**{**told, **more})


@pytest.mark.parametrize("name", PANELS)
def test_an_address_is_read_as_the_platform_writes_it(name: str) -> None:
    arrival = BY_NAME[name].read(sent(name), PANELS[name])
    assert {arrival.participant, arrival.study, arrival.session} == {IDS[name]}


@pytest.mark.parametrize("name", PANELS)
@pytest.mark.parametrize("which", ["participant", "study", "session"])
def test_each_parameter_is_needed(name: str, which: str) -> None:
    parameters = sent(name)
    del parameters[getattr(BY_NAME[name], which)]
    with pytest.raises(BadArrival) as caught:
        BY_NAME[name].read(parameters, PANELS[name])
    assert caught.value.refusal is Refusal.MISSING


@given(st.sampled_from(sorted(PANELS)), st.text(max_size=300))
def test_whatever_an_id_is_it_is_read_whole_or_refused(name: str, told: str) -> None:
    platform = BY_NAME[name]
    try:
        arrival = platform.read({**sent(name), platform.participant: [told]}, PANELS[name])
    except BadArrival:
        return
    assert arrival.participant == told.strip()
    assert platform.id_shape.fullmatch(arrival.participant)
    assert arrival.participant.isascii()


@given(st.text(max_size=60))
def test_a_form_goes_to_the_named_host_by_https_or_nowhere(told: str) -> None:
    parameters = {**sent("external"), "turkSubmitTo": [told]}
    try:
        arrival = BY_NAME["external"].read(parameters, PANELS["external"])
    except BadArrival:
        return
    assert arrival.submit_to == "https://workers.example/mturk/externalSubmit"


@pytest.mark.parametrize(
    ("name", "outcome", "code", "url"),
    [
        pytest.param(
            "prolific",
            Outcome.COMPLETE,
            "C1",
            "https://app.prolific.com/submissions/complete?cc=C1",
            id="Prolific takes the code by a link",
        ),
        pytest.param(
            "prolific",
            Outcome.SCREENED_OUT,
            "C2",
            "https://app.prolific.com/submissions/complete?cc=C2",
            id="another code for who is screened out",
        ),
        pytest.param("prolific", Outcome.NO_WORK, "", "", id="no code where none is set"),
        pytest.param("prolific", Outcome.TAKEN_AGAIN, "", "", id="no code for what went on"),
        pytest.param(
            "connect",
            Outcome.COMPLETE,
            "C1",
            "https://connect.example/complete",
            id="Connect has an address for those who are done",
        ),
        pytest.param(
            "connect",
            Outcome.SCREENED_OUT,
            "",
            "https://connect.example/partial",
            id="and another for those who are not",
        ),
    ],
)
def test_people_go_back_as_the_platform_wants(
    name: str, outcome: Outcome, code: str, url: str
) -> None:
    back = BY_NAME[name].way_back(PANELS[name], outcome, Arrival("p", "s", "x"))
    assert (back.code, back.url) == (code, url)


def test_prolific_is_told_submissions_and_bonuses_a_study() -> None:
    told = [
        payment("s-a", bonus=Decimal("0.50"), participant="pa"),
        payment("s-b", bonus=Decimal("0.25"), participant="pa"),
        payment("s-c", bonus=Decimal("1.10"), study="s2"),
        payment("s-d", Decided.REJECT),
        payment("s-e", Decided.SCREENED_OUT, outcome=Outcome.SCREENED_OUT),
    ]
    assert BY_NAME["prolific"].forms(told) == {
        "approve.txt": "s-a\ns-b\ns-c\n",
        "reject.csv": 'submission_id,participant_id,message\ns-d,p-s-d,"Of 2, none, ""really""."\n',
        "bonus-s1.csv": "pa,0.75\n",
        "bonus-s2.csv": "p-s-c,1.10\n",
    }


def test_connect_is_told_in_three_tables() -> None:
    told = [payment("a", bonus=Decimal("0.50")), payment("b", Decided.REJECT)]
    assert BY_NAME["connect"].forms(told) == {
        "approve.csv": "ParticipantId,Message\np-a,\n",
        "reject.csv": 'ParticipantId,Message\np-b,"Of 2, none, ""really""."\n',
        "bonus.csv": "ParticipantId,Amount\np-a,0.50\n",
    }


def test_a_review_marks_whom_to_approve_and_says_why_not_to() -> None:
    told = [payment("a", bonus=Decimal("0.50")), payment("b", Decided.REJECT)]
    assert BY_NAME["external"].forms(told) == {
        "review.csv": (
            'AssignmentId,WorkerId,Approve,Reject\na,p-a,x,\nb,p-b,,"Of 2, none, ""really""."\n'
        ),
        "bonus.csv": "WorkerId,AssignmentId,BonusAmount,Reason\np-a,a,0.50,Thank you.\n",
    }
