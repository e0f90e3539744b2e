"""Discord's limit over all requests, met by a request that nobody needs any longer."""

from __future__ import annotations

import time

from tests.flows.conftest import Stage
from tests.flows.test_talk import saying
from tests.scripted_model import Behaviour

TYPING = "POST /channels/*/typing"
LIMIT = {"status": 429, "retry_after": 2.0, "global": True}


async def test_a_limit_met_while_typing_keeps_the_answer_back_and_no_longer(stage: Stage):
    stage.playground.fault("rest_status", route=TYPING, **LIMIT)
    stage.model.script(Behaviour(answer=saying("Here I am."), first_delay_s=0.6))
    async with stage.bot(), stage.playground.person("juno") as juno:
        await juno.tell("hi")
        began = time.monotonic()
        said = await juno.next_message_from_app(timeout=8)
    assert said["content"] == "Here I am."
    assert time.monotonic() - began > 1.5, "as long as Discord asked for"
