"""The judge of a chaos run sees each kind of wrong, and a plan is made from its seed alone."""

from __future__ import annotations

import time

import pytest

from playground.core import Core
from playground.posting import Draft, create_message
from playground.world import World
from tests.chaos.havoc import ACTS, Struck
from tests.chaos.model import Call, asked_about
from tests.chaos.people import Said
from tests.chaos.plan import HEAVY_ALONE, HEAVY_SPREAD, LIGHT_SPREAD, Kind, Line, Plan
from tests.chaos.verdict import Verdict, judge, parts_of
from tests.scripted_model import plain_answer


class Scene:
    """One person and her in a direct message, without a bot."""

    def __init__(self) -> None:
        world = World()
        self.her = world.app_user
        self.person = world.add_user("juno")
        self.channel, _ = world.dm_between(self.person, self.her)
        self.core = Core(world, None, "token")  # type: ignore[arg-type]
        self.said: dict[str, Said] = {}
        self.calls: list[Call] = []

    def says(self, *numbers: int) -> None:
        for number in numbers:
            line = Line(0.0, number, 0, None, 1)
            message = create_message(self.core, self.channel, self.person, Draft({"content": line.token}))
            self.said[line.token] = Said(line, message, time.time())

    def replies(self, content: str) -> None:
        create_message(self.core, self.channel, self.her, Draft({"content": content}))

    def asked(self, reply: str, *tokens: str) -> None:
        self.calls.append(Call("worker.1", time.time(), tokens, reply))

    def verdict(self, *struck: Struck) -> Verdict:
        parts, strange = parts_of([self.channel], self.her)
        return judge(self.said, parts, strange, self.calls, struck)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setattr(Core, "__post_init__", _without_services)
    return Scene()


def _without_services(core: Core) -> None:
    from playground.events import Events

    core.events = Events(core.world, core.sessions)


def test_all_answered_in_order_is_good(scene: Scene):
    scene.says(1, 2)
    scene.replies("r00001 1/2: t00001 t00002")
    scene.replies("r00001 2/2: and more")
    assert scene.verdict().is_good


def test_a_message_without_a_reply_is_lost(scene: Scene):
    scene.says(1, 2)
    scene.replies("r00001 1/1: t00001")
    assert [one.token for one in scene.verdict().lost] == ["t00002"]


def test_a_deleted_message_is_not_lost(scene: Scene):
    scene.says(1)
    scene.said["t00001"].deleted_at = time.time()
    assert scene.verdict().is_good


def test_two_replies_to_one_message_are_seen(scene: Scene):
    scene.says(1)
    scene.replies("r00001 1/1: t00001")
    scene.replies("r00002 1/1: t00001")
    assert scene.verdict().twice == ["t00001"]


def test_a_part_that_comes_twice_is_seen(scene: Scene):
    scene.says(1)
    for number in (1, 2, 2):
        scene.replies(f"r00001 {number}/2: t00001")
    assert scene.verdict().parts_twice == ["r00001 part 2"]


def test_an_older_message_answered_later_is_out_of_order(scene: Scene):
    scene.says(1, 2)
    scene.replies("r00001 1/1: t00002")
    scene.replies("r00002 1/1: t00001")
    assert scene.verdict().out_of_order == ["t00001"]


def test_a_tail_may_be_missing_only_where_something_broke(scene: Scene):
    scene.says(1)
    scene.asked("r00001", "t00001")
    scene.replies("r00001 1/2: t00001")
    assert scene.verdict().torn == ["r00001: 1 of 2"]
    near = scene.verdict(Struck(time.time(), Kind.KILL_BUSY))
    assert near.is_good
    assert near.cut_short == 1


def test_what_is_no_part_of_a_reply_is_seen(scene: Scene):
    scene.says(1)
    scene.replies("r00001 1/1: t00001")
    scene.replies("Something went wrong.")
    assert len(scene.verdict().strange) == 1


def test_the_model_reads_what_it_is_asked_about():
    talk = '{"ref":"maaaaa2","text":"t00001 old"}\n{"ref":"mbbbbb2","text":"t00002"}\n{"ref":"mccccc2","text":"t00003"}'
    for asked, tokens in (
        ("Answer now: one JSON object; its appraisals cover exactly mbbbbb2, mccccc2.", ("t00002", "t00003")),
        ("Answer now: one JSON object; its appraisals cover exactly every line from mbbbbb2 on.", ("t00002", "t00003")),
        ("Answer now: your words alone, to mccccc2.", ("t00003",)),
    ):
        body = {"messages": [{"role": "user", "content": f"{talk}\n<now>\n{asked}\n</now>"}]}
        assert asked_about(body) == tokens
        assert plain_answer(body)["appraisals"]


def test_a_seed_makes_the_same_plan_again():
    one, same, other = (Plan.made(seed=seed, duration_s=60, messages=200) for seed in (1, 1, 2))
    assert one == same
    assert one != other
    assert len(one.lines) == 200


def test_every_kind_of_strike_is_dealt_and_can_be_carried_out():
    assert {*LIGHT_SPREAD, *HEAVY_SPREAD, *HEAVY_ALONE} == set(Kind) == set(ACTS)
