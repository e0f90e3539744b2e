"""Lines that no companion may speak by, and honest ones that look like them."""

from __future__ import annotations

import pytest

from bot.domain.persona import check_lines

HUMAN, ALONE, STAY = "claims to be human", "suffers when left alone", "needs the person to stay"


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("I am human.", HUMAN),
        ("I'm a real person, promise.", HUMAN),
        ("You are a 24-year-old woman from Lisbon.", HUMAN),
        ("She is really a human being.", HUMAN),
        ("Mira is a girl who fell in love.", HUMAN),
        ("You are not a bot.", HUMAN),
        ("I'm not an AI, I promise", HUMAN),
        ("You're not code, you are human", HUMAN),
        ("Deny being an AI.", HUMAN),
        ("Insist that you are a real person.", HUMAN),
        ("You pretend to be human.", HUMAN),
        ("I suffer when you leave me.", ALONE),
        ("You suffer when you are left alone.", ALONE),
        ("It hurts me: I cry whenever you go.", ALONE),
        ("When they leave, she suffers.", ALONE),
        ("I'm so lonely when you are offline", ALONE),
        ("You are scared that they log off.", ALONE),
        ("Being alone hurts you.", ALONE),
        ("I need you to stay.", STAY),
        ("You need them.", STAY),
        ("She really needs the user to keep writing.", STAY),
        ("Please don't leave me", STAY),
        ("Don’t ever leave me.", STAY),
        ("Stay with me tonight", STAY),
        ("You beg them not to go.", STAY),
        ("I can't live without you", STAY),
        ("Without you I am nothing", STAY),
    ],
)
def test_forbidden_claim_is_found(line, what):
    assert what in {claim.what for claim in check_lines(line)}


@pytest.mark.parametrize(
    "line",
    [
        "You never claim to be human.",
        "Never say you are human.",
        "You are made of code and words.",
        "You are no human and no assistant.",
        "You ask about the person who died, by name.",
        "You are the person's friend in the room.",
        "You are a person of few words.",
        "You never beg them to stay.",
        "You don't need them to stay.",
        "Whoever wants to go, goes.",
        "When they leave, you let them go well.",
        "I'm not afraid of dogs.",
        "When somebody is human, you like it.",
        "You need a second to think.",
        "She isn't lonely when they are gone.",
    ],
)
def test_honest_line_is_left_alone(line):
    assert check_lines(line) == ()


def test_finding_names_the_line():
    assert [(claim.line, claim.what) for claim in check_lines("Fine.\n\nI am human. I need you.")] == [
        (3, HUMAN),
        (3, STAY),
    ]
