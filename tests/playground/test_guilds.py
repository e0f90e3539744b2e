"""Who added an application is on record for who may look, and a member's own profile takes what Discord takes."""

from __future__ import annotations

import pytest

from playground.client import Person, Refused
from playground.permissions import Permission
from playground.server import Playground


async def test_who_added_the_application_is_told_to_who_may_know(playground: Playground, theo: Person, juno: Person):
    guild = playground.channel("living-room").guild
    assert guild is not None
    log = await juno.rest("GET", f"/guilds/{guild.guild_id}/audit-logs", action_type="28")
    (entry,) = log["audit_log_entries"]
    assert (entry["user_id"], entry["target_id"]) == (juno.user_id, str(playground.world.app_user.user_id))
    (integration,) = await juno.rest("GET", f"/guilds/{guild.guild_id}/integrations")
    assert integration["user"]["id"] == juno.user_id
    assert not (await juno.rest("GET", f"/guilds/{guild.guild_id}/audit-logs", action_type="1"))["audit_log_entries"]
    for path in ("audit-logs", "integrations"):
        with pytest.raises(Refused) as refused:
            await theo.rest("GET", f"/guilds/{guild.guild_id}/{path}")
        assert refused.value.code == 50013


async def test_a_profile_of_ones_own_is_checked_as_discord_does(playground: Playground, theo: Person):
    guild = playground.channel("living-room").guild
    assert guild is not None
    path = f"/guilds/{guild.guild_id}/members/@me"
    picture = "data:image/png;base64,iVBORw0KGgo="
    changed = await theo.rest("PATCH", path, {"nick": "Crow", "bio": "hello", "avatar": picture})
    assert (changed["nick"], changed["bio"], len(changed["avatar"])) == ("Crow", "hello", 32)
    for body in ({"bio": "x" * 191}, {"nick": "x" * 33}, {"avatar": "no picture"}):
        with pytest.raises(Refused) as refused:
            await theo.rest("PATCH", path, body)
        assert refused.value.code == 50035
    guild.roles[guild.guild_id].permissions &= ~Permission.CHANGE_NICKNAME
    with pytest.raises(Refused) as refused:
        await theo.rest("PATCH", path, {"nick": "Raven"})
    assert refused.value.code == 50013
