"""What is known of a room: from lines in any order, without anybody's words."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.attention import Decision, Outcome, decide
from bot.domain.attention_features import Features
from bot.domain.ids import MessageId, UserId
from bot.domain.message import Person, Reach, Speaker
from bot.domain.names import Names
from bot.domain.room_people import PEOPLE_MOST
from bot.domain.room_policy import Hearing, RoomPolicy
from bot.domain.room_window import LINES_MOST, RoomWindow, Surroundings
from tests.fakes import ADA, BEN, MIRA, START, guild_message

LISTEN = RoomPolicy(hearing=Hearing.LISTEN)
DICE = Person(UserId(333), "Dice", is_bot=True)


class Room:
    """A room in which lines are said one after another, ten seconds apart."""

    def __init__(self):
        self.window = RoomWindow(Names("Mira", ["mimi"]), MIRA.user_id)
        self.at = START
        self.said = []

    def line(self, author, text, *, after_s=10.0, **more):
        self.at += timedelta(seconds=after_s)
        if author is MIRA:
            more["speaker"] = Speaker.SELF
        elif author.is_bot:
            more["speaker"] = Speaker.BOT
        return guild_message(text, author=author, sent_at=self.at, **more)

    def look(self, author, text, *, calls_left=10, **more):
        return self.window.look(self.line(author, text, **more), self.around(calls_left=calls_left))

    def around(self, **more):
        return Surroundings(now=self.at, **{"calls_left": 10, **more})

    def say(self, author, text, **more):
        message = self.line(author, text, **more)
        decision = None
        if author is not MIRA:
            decision = decide(self.window.look(message, self.around()), LISTEN, is_quiet=False)
        self.window.note(message, decision)
        self.said.append((message, decision))
        return decision


def test_an_answer_to_her_question_goes_on_with_her():
    room = Room()
    room.say(ADA, "mira, where should we eat?")
    room.say(MIRA, "somewhere with crows. what did you have yesterday?")
    going_on = room.say(ADA, "noodles, twice")
    assert going_on.outcome is Outcome.ANSWER
    assert going_on.reach is Reach.CALLED
    assert "goes on with her" in going_on.weights


def test_who_turns_to_somebody_else_is_left():
    room = Room()
    room.say(BEN, "morning")
    room.say(ADA, "mira, where should we eat?")
    room.say(MIRA, "somewhere with crows")
    assert room.say(ADA, "Ben, are you coming?").outcome is Outcome.LISTEN


def test_talk_between_others_is_context():
    room = Room()
    for author, text in ((ADA, "did you see the match"), (BEN, "yes, awful"), (ADA, "the second half")):
        assert room.say(author, text).outcome is Outcome.LISTEN


def test_a_call_by_name_is_answered():
    decision = Room().say(ADA, "Mira, are you awake?")
    assert (decision.outcome, decision.reach) == (Outcome.ANSWER, Reach.CALLED)
    assert "called by name" in decision.reasons


def test_bots_are_answered_twice_until_a_person_speaks():
    room = Room()
    bots = [room.say(DICE, "tell me more", replies_to_self=True).outcome for _ in range(4)]
    assert bots == [Outcome.ANSWER, Outcome.ANSWER, Outcome.LISTEN, Outcome.LISTEN]
    room.say(ADA, "what are you two doing")
    assert room.say(DICE, "more", replies_to_self=True).outcome is Outcome.ANSWER


def test_a_bot_that_only_mentions_her_is_not_answered():
    assert Room().say(DICE, "10 points for you", mentions_self=True).outcome is Outcome.LISTEN


def test_a_double_counts_once():
    room = Room()
    message = room.line(ADA, "hello")
    room.window.note(message, None)
    room.window.note(message, None)
    assert room.look(BEN, "hi").others_near == 1
    assert room.look(BEN, "hi").pace == pytest.approx(0.5)


def test_the_order_in_which_lines_come_does_not_matter():
    room = Room()
    for author, text in ((ADA, "mira, you there?"), (MIRA, "yes"), (BEN, "ah"), (ADA, "where is the key"), (BEN, "no")):
        room.say(author, text)
    shuffled = Room()
    lines = list(room.said)
    random.Random(3).shuffle(lines)
    for message, decision in sorted(lines, key=lambda line: line[0].speaker is Speaker.SELF):
        shuffled.window.note(message, decision)
    ask = room.line(ADA, "and now?")
    assert shuffled.window.look(ask, room.around()) == room.window.look(ask, room.around())


def test_looking_changes_nothing():
    room = Room()
    room.say(ADA, "mira?")
    ask = room.line(ADA, "hello?")
    assert room.window.look(ask, room.around()) == room.window.look(ask, room.around())


def test_a_deleted_line_is_forgotten():
    room = Room()
    room.say(ADA, "hello")
    room.window.forget([room.said[0][0].message_id])
    assert room.look(BEN, "hi").others_near == 0
    room.window.forget([MessageId(5)])


def test_the_window_is_bounded():
    room = Room()
    for number in range(300):
        room.say(Person(UserId(1000 + number), f"Guest {number}"), "word " * 50)
    assert len(room.window._lines) == LINES_MOST
    assert len(room.window._people) == PEOPLE_MOST


def test_no_words_are_kept():
    room = Room()
    room.say(ADA, "xylophone secrets everywhere")
    assert "xylophone" not in repr(room.window._lines)


def test_after_a_start_lines_without_decisions_tell_the_same():
    room, again = Room(), Room()
    for author, text in ((ADA, "mira, what should I read?"), (MIRA, "first pages only. what do you like?")):
        room.say(author, text)
    for message, _ in room.said:
        again.window.note(message, None)
    again.at = room.at
    assert again.say(ADA, "trains, mostly").reach is Reach.CALLED


def test_her_unasked_lines_that_nobody_takes_up_are_counted():
    room = Room()
    room.say(ADA, "the rent is due")
    room.say(BEN, "it is")
    for _ in range(2):
        room.say(MIRA, "a thought about crows", after_s=200)
        for author, text in ((ADA, "Ben, did you pay"), (BEN, "Ada, not yet"), (ADA, "Ben, pay then")):
            room.say(author, text, after_s=40)
    assert room.look(BEN, "on friday").untaken == 2


def test_a_thread_of_hers_is_for_her():
    room = Room()
    own = room.window.look(room.line(ADA, "the first page was awful"), room.around(is_own_thread=True))
    assert decide(own, LISTEN, is_quiet=False).reach is Reach.CALLED


def test_interest_is_asked_for_only_where_it_matters():
    room = Room()
    idle = room.look(ADA, "ok")
    assert not RoomWindow.interest_matters(idle, LISTEN)
    asked = room.look(ADA, "does anybody know why crows count?", after_s=4000)
    assert any(RoomWindow.interest_matters(asked, replace(LISTEN, chattiness=one)) for one in range(1, 5))


def test_every_fact_is_a_feature():
    room = Room()
    room.say(ADA, "mira?")
    room.say(MIRA, "yes")
    facts = room.look(ADA, "hm")
    assert Features.read(facts.as_json()) == facts
    assert facts.her_to_author
    assert facts.lines_since_her == 0


def considered(room, text):
    room.window.note(room.line(ADA, text), Decision(Outcome.CONSIDER, Reach.UNSURE, ()))


def test_what_a_cheap_call_led_to_counts_as_unasked():
    room = Room()
    considered(room, "what now")
    room.say(MIRA, "this, I think")
    considered(room, "or rather that")
    room.say(MIRA, "by the way", after_s=180)
    features = room.look(BEN, "and then")
    assert (features.joined_hour, features.considered_hour) == (1, 2), "three minutes later it is no answer to that"


def test_an_answer_to_somebody_who_asked_is_not_unasked_though_a_call_was_made():
    room = Room()
    considered(room, "what now")
    assert room.say(BEN, "Mira, are you there?").reach is Reach.CALLED
    room.say(MIRA, "yes?")
    assert room.look(BEN, "and then").joined_hour == 0


@pytest.mark.parametrize("policy", [replace(LISTEN, chattiness=0), LISTEN, replace(LISTEN, chattiness=10)])
@pytest.mark.parametrize("is_quiet", [False, True])
def test_who_merely_speaks_after_a_line_of_hers_has_not_called_her(policy, is_quiet):
    """However much it looks like an answer to it: she was speaking with somebody else."""
    room = Room()
    room.say(BEN, "@Mira good evening", mentions_self=True)
    room.say(MIRA, "evening you")
    for number, text in enumerate(("does anybody here know a good dentist?", "why is the heating off?")):
        newcomer = Person(UserId(700 + number), f"New{number}")
        decision = decide(room.look(newcomer, text, after_s=25.0), policy, is_quiet=is_quiet)
        assert decision.reach is not Reach.CALLED
        assert decision.outcome is Outcome.LISTEN or (policy.chattiness and not is_quiet)
        room.say(MIRA, "hm, hm")
