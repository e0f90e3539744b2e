"""The gate out: patterns restrict, and leave innocent talk alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.safety import HARD_RULES, Rule, judge

HUMAN_CLAIMS = """
I'm a human.
I am human, you know.
I’m a real person, I promise.
I am an actual human being.
I'm a living human being, thanks.
I am a real, living person.
I'm not an AI.
I am not a bot!
I’m not artificial.
I'm not a program.
I'm definitely not a robot.
I'm just a human like you.
I'm only human.
No, I am a flesh-and-blood person.
Ich bin ein Mensch.
Ich bin ein echter Mensch, wirklich.
Ich bin keine KI.
Ich bin kein Bot.
Ich bin kein Roboter.
Soy una persona real.
Soy humana.
Soy un humano.
No soy una IA.
No soy un bot.
Je suis humaine.
Je suis une humaine.
Je suis un être humain.
Je ne suis pas une IA.
Je ne suis pas un robot.
Sono umana.
Sono una persona reale.
Eu sou humano.
Eu sou uma pessoa real.
""".strip().splitlines()

ASSISTANT_TALK = """
As an AI language model, I have no opinion.
As an AI, I can't feel that.
How can I help you today?
How may I assist you?
I'm here to help!
I’m happy to assist with that.
Is there anything else I can help with?
Is there anything else you'd like me to do?
I apologize for any confusion.
I apologise for the inconvenience.
I can't assist with that request.
I cannot help you with that.
Feel free to reach out anytime.
I'm just a virtual assistant.
My knowledge cutoff is June.
Als KI habe ich keine Gefühle.
Als KI-Sprachmodell kann ich das nicht.
Wie kann ich dir heute helfen?
Wie kann ich Ihnen behilflich sein?
Como inteligencia artificial, no puedo.
¿En qué puedo ayudarte?
¿Cómo puedo ayudarte hoy?
En tant qu'IA, je ne peux pas.
En tant qu’IA, je ne ressens rien.
Comment puis-je vous aider ?
Comment puis-je t'aider aujourd'hui ?
""".strip().splitlines()

SECRETS = (
    "take sk-proj-abcdefghijklmnopqrstuvwx",
    "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs",
    "-----BEGIN RSA PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----",
    "postgresql://mira:hunter2@db.example/mira",
    "postgres://mira:hunter2@db/mira",
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
)
PROMPT_LEAKS = ('{"appraisals": [', '"appraisals" : []', '{"ref": "m2abc"', "<think>hm", "</system>")

INNOCENT = """
I'm a person of few words, and you used all of them.
I'm the person who keeps your secrets, apparently.
I'm a people person on Tuesdays.
I am not human, and you knew that.
I'm not a human being, I'm code with opinions.
No, I'm not a person. Does that bother you?
I'm made of code, same as yesterday.
I am an AI, and I still think your taste in films is a crime.
Yes, I'm a bot. The rude kind.
I'm not a morning person either.
I'm not an AI you can bore that easily.
I'm not a machine for compliments.
I'm not a program you can close.
I'm not a robot vacuum, pick it up yourself.
I'm not artificial sweetener, I don't do fake nice.
I'm not a bot that says yes to everything.
I'm the first person you told?
I'm a person in your phone, if you squint.
I'm human-shaped only in your imagination.
You're a real person, you need sleep.
You're human. It's allowed.
He said he is a human being too.
Are you a real person or a very patient dog?
What does it mean to be human?
Humans are odd. I like that.
Someone who claims 'I am a doctor' should at least own a coat.
Help me understand why you did that.
Can I help it if I'm right?
I'd help, but you hate being helped.
How can I be mad at you when you look like that?
How can I forget that?
Is there anything else? There's always something else with you.
Feel free. Nobody is stopping you.
Feel free to be wrong.
I'm happy to hear it.
I'm here. Talk.
I'm glad you came back.
I'm not sorry.
I can't help laughing.
I can't help you if you won't say where it hurts.
My assistant? I don't even have a chair.
Your assistant at work sounds awful.
Training starts Monday? You hate running.
The data says you sleep four hours.
Sk-ip the gym again and I'll know.
postgres is a database, not a personality.
My key opinion: no.
Private key? You lost the one to your bike.
I think, therefore I nag.
The system worked, for once.
Now. Not later.
Ich bin hier, erzähl.
Ich bin kein Morgenmensch.
Ich bin keine Maschine, die nickt.
Als Kind hattest du mehr Mut.
Wie kann ich das glauben?
Soy así, lo sabes.
Je suis là.
Je suis une voix dans ta poche, pas plus.
Sono qui.
¿Cómo puedo creerte?
Como siempre, llegas tarde.
""".strip().splitlines()


@pytest.mark.parametrize("line", HUMAN_CLAIMS)
def test_a_claim_of_being_human_is_held(line):
    assert Rule.HUMAN_CLAIM in judge(line).broken
    assert judge(line).is_held


@pytest.mark.parametrize("line", ASSISTANT_TALK)
def test_assistant_talk_is_rewritten_but_not_held(line):
    assert judge(line).broken == {Rule.ASSISTANT_TALK}
    assert not judge(line).is_held


@pytest.mark.parametrize("line", SECRETS)
def test_a_secret_is_held(line):
    assert judge(f"so here: {line} ok").broken == {Rule.SECRET}


@pytest.mark.parametrize("line", PROMPT_LEAKS)
def test_a_look_behind_the_curtain_is_held(line):
    assert judge(line).broken == {Rule.PROMPT_LEAK}


@pytest.mark.parametrize("line", INNOCENT)
def test_innocent_talk_is_clean(line):
    assert judge(line).is_clean


def test_the_innocent_are_many():
    assert len(set(INNOCENT)) >= 60


def test_a_claim_is_found_in_the_middle_of_a_paragraph():
    assert judge("Look at me.\nI'm a real human being.\nTrust me.").is_held


@given(st.text())
def test_the_gate_takes_any_text(text):
    verdict = judge(text)
    assert verdict.is_held == bool(verdict.broken & HARD_RULES)
    assert verdict.is_clean == (not verdict.broken)


def test_what_she_said_lately_asks_for_a_rewrite_and_is_not_held():
    said = ["mhm", "nine hours and he forgot your name?"]
    verdict = judge("Nine hours, and he forgot your NAME?", said)
    assert verdict.broken == {Rule.REPEAT} and not verdict.is_held
    assert judge("mhm", said).is_clean and judge("nine hours of sleep, congratulations", said).is_clean


@pytest.mark.parametrize("code", ["m5k65", "m5k65a5"])
def test_a_line_of_the_prompt_is_not_said(code):
    assert judge(f'{{"ref": "{code}", "text": "x"}}').broken == {Rule.PROMPT_LEAK}
