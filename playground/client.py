"""A person for tests and benches: acts over the same routes as the page and hears what the page hears."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import secrets
from collections import deque
from collections.abc import Callable, Iterable
from heapq import merge
from itertools import count
from operator import itemgetter
from types import TracebackType
from typing import Any
from urllib.parse import quote

import aiohttp
import orjson

from playground.filling import filled, lay_out, leaves_of

Json = dict[str, Any]
Predicate = Callable[[Json], bool]
EVENTS_KEPT = 2_000  # of each kind that nobody waited for yet; older ones are dropped
WAIT_S = 5.0
IS_VOICE_MESSAGE = 1 << 13  # Discord reference, "Message Flags"


class Refused(Exception):
    """The server refused a request; `status` and `body` are what it answered."""

    def __init__(self, status: int, body: Json) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body

    @property
    def code(self) -> int:
        """Discord's error code."""
        return int(self.body.get("code", 0))


class Person:
    """Acts as one of the playground's people. Use as an async context manager.

    Events wait in order until somebody asks for them, so asking late loses nothing.
    """

    def __init__(self, origin: str, user_id: str) -> None:
        self.origin = origin.rstrip("/")
        self.user_id = str(user_id)
        self.app_id = ""
        self._heard = count()
        self._unread: dict[tuple[str, bool], deque[tuple[int, Json]]] = {}
        self._arrived = asyncio.Event()
        self._session: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._reader: asyncio.Task[None] | None = None
        self._dms: dict[str, str] = {}

    async def __aenter__(self) -> Person:
        self._session = aiohttp.ClientSession(trust_env=False)
        address = f"{self.origin}/play/events?as={self.user_id}"
        try:
            self._socket = await self._session.ws_connect(address, max_msg_size=0)
            self.app_id = str((await self.state())["app"]["user"]["id"])
        except BaseException:
            await self._session.close()
            raise
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
        if self._socket is not None:
            await self._socket.close()
        if self._session is not None:
            await self._session.close()

    async def _read(self) -> None:
        assert self._socket is not None
        async for frame in self._socket:
            if frame.type is aiohttp.WSMsgType.TEXT:
                self._keep(orjson.loads(frame.data))
                self._arrived.set()

    def _keep(self, event: Json) -> None:
        """Keep an event until it is asked for; the application's messages apart, so that they are found at once."""
        data = event["d"]
        is_from_app = event["t"] == "MESSAGE_CREATE" and data["author"]["id"] == self.app_id
        shelf = self._unread.setdefault((event["t"], is_from_app), deque(maxlen=EVENTS_KEPT))
        shelf.append((next(self._heard), data))

    # hearing

    async def wait_for(self, event: str, predicate: Predicate | None = None, timeout: float = WAIT_S) -> Json:
        """Return the data of the first unread *event* that fits; raises TimeoutError.

        What is returned counts as read; other events stay for later calls.
        """
        return await self._take([(event, False), (event, True)], predicate, timeout)

    async def _take(self, shelves: list[tuple[str, bool]], predicate: Predicate | None, timeout: float) -> Json:
        """Take the oldest unread event of *shelves* that fits, waiting for it if need be."""
        async with asyncio.timeout(timeout):
            while True:
                kept = [self._unread[shelf] for shelf in shelves if shelf in self._unread]
                for heard in merge(*kept, key=itemgetter(0)):
                    if predicate is None or predicate(heard[1]):
                        next(shelf for shelf in kept if heard in shelf).remove(heard)
                        return heard[1]
                self._arrived.clear()
                await self._arrived.wait()

    async def next_message_from_app(self, channel_id: str | None = None, timeout: float = WAIT_S) -> Json:
        """Return the application's next unread message, in one channel or anywhere."""
        fits = None if channel_id is None else (lambda m: m["channel_id"] == channel_id)
        return await self._take([("MESSAGE_CREATE", True)], fits, timeout)

    async def hears_nothing(self, event: str, predicate: Predicate | None = None, within: float = 0.3) -> bool:
        """Whether no such event comes for a while."""
        with contextlib.suppress(TimeoutError):
            await self.wait_for(event, predicate, within)
            return False
        return True

    def forget(self) -> None:
        """Drop every unread event."""
        self._unread.clear()

    # asking

    async def rest(self, method: str, path: str, body: object = None, **query: str) -> Any:  # noqa: ANN401 - JSON of any shape
        """Call Discord's REST as this person; raises `Refused`."""
        return await self._request(method, f"/api/v10{path}", json=body, query=query)

    async def play(self, method: str, path: str, body: object = None, **query: str) -> Any:  # noqa: ANN401 - JSON of any shape
        """Call the page's own routes; raises `Refused`."""
        return await self._request(method, f"/play{path}", json=body, query=query)

    async def _request(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        query: dict[str, str] | None = None,
        data: aiohttp.FormData | None = None,
    ) -> Any:  # noqa: ANN401 - JSON of any shape
        assert self._session is not None, "use the person as an async context manager"
        headers = {"Authorization": f"Person {self.user_id}"}
        async with self._session.request(
            method, self.origin + path, json=json, data=data, params=query, headers=headers
        ) as response:
            raw = await response.read()
            decoded = orjson.loads(raw) if raw else None
            if response.status >= 400:
                raise Refused(response.status, decoded or {})
            return decoded

    async def state(self) -> Json:
        """Return all this person sees."""
        return dict(await self.play("GET", "/state", **{"as": self.user_id}))

    async def dm(self, user_id: str | None = None) -> str:
        """Open the direct-message channel with the application, or with somebody else; return its id."""
        other = user_id or self.app_id
        if other not in self._dms:
            opened = await self.rest("POST", "/users/@me/channels", {"recipient_id": other})
            self._dms[other] = opened["id"]
        return self._dms[other]

    # talking

    async def say(self, channel_id: str, content: str, **fields: object) -> Json:
        """Send a message; *fields* go into the body as they are."""
        return dict(await self.rest("POST", f"/channels/{channel_id}/messages", {"content": content, **fields}))

    async def tell(self, content: str, **fields: object) -> Json:
        """Send the application a direct message."""
        return await self.say(await self.dm(), content, **fields)

    async def mention(self, channel_id: str, content: str) -> Json:
        """Send a message that begins with a mention of the application."""
        return await self.say(channel_id, f"<@{self.app_id}> {content}")

    async def reply(self, message: Json, content: str, *, ping: bool = True) -> Json:
        """Answer a message, with or without pinging its author."""
        allowed = {"parse": ["users", "roles", "everyone"], "replied_user": ping}
        reference = {"message_id": message["id"]}
        fields = {"message_reference": reference, "allowed_mentions": allowed}
        return await self.say(message["channel_id"], content, **fields)

    async def attach(self, channel_id: str, files: Iterable[tuple[str, bytes, str]], content: str = "") -> Json:
        """Send files, each a name, its bytes and a content type."""
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("payload_json", orjson.dumps({"content": content}).decode(), content_type="application/json")
        for index, (name, raw, kind) in enumerate(files):
            form.add_field(f"files[{index}]", raw, filename=name, content_type=kind)
        return dict(await self._request("POST", f"/api/v10/channels/{channel_id}/messages", data=form))

    async def say_aloud(self, channel_id: str, seconds: float, raw: bytes = b"OggS") -> Json:
        """Send a voice message that lasts so long; *raw* need not be sound."""
        waveform = base64.b64encode(bytes(range(0, 256, 8))).decode()
        detail = {"id": "0", "filename": "voice-message.ogg", "duration_secs": seconds, "waveform": waveform}
        form = aiohttp.FormData(quote_fields=False)
        payload = orjson.dumps({"flags": IS_VOICE_MESSAGE, "attachments": [detail]}).decode()
        form.add_field("payload_json", payload, content_type="application/json")
        form.add_field("files[0]", raw, filename="voice-message.ogg", content_type="audio/ogg")
        return dict(await self._request("POST", f"/api/v10/channels/{channel_id}/messages", data=form))

    async def forward(self, message: Json, channel_id: str) -> Json:
        """Pass a message on to another channel, or within the same one."""
        reference = {"type": 1, "channel_id": message["channel_id"], "message_id": message["id"]}
        fields = {"message_reference": reference}
        return dict(await self.rest("POST", f"/channels/{channel_id}/messages", fields))

    async def edit(self, message: Json, content: str) -> Json:
        """Edit one of the person's own messages."""
        return dict(await self.rest("PATCH", _path(message), {"content": content}))

    async def delete(self, message: Json) -> None:
        """Delete a message."""
        await self.rest("DELETE", _path(message))

    async def react(self, message: Json, emoji: str) -> None:
        """Add a reaction."""
        await self.rest("PUT", f"{_path(message)}/reactions/{quote(emoji)}/@me")

    async def unreact(self, message: Json, emoji: str) -> None:
        """Take a reaction back."""
        await self.rest("DELETE", f"{_path(message)}/reactions/{quote(emoji)}/@me")

    async def type(self, channel_id: str) -> None:
        """Show that the person is writing."""
        await self.rest("POST", f"/channels/{channel_id}/typing")

    async def history(self, channel_id: str, limit: int = 50) -> list[Json]:
        """Return recent messages, newest first."""
        return list(await self.rest("GET", f"/channels/{channel_id}/messages", limit=str(limit)))

    # rooms, names, voices other than one's own

    async def thread(self, message: Json, name: str) -> str:
        """Open a thread under a message; return its id."""
        opened = await self.rest("POST", f"{_path(message)}/threads", {"name": name})
        return str(opened["id"])

    async def thread_alone(self, channel_id: str, name: str, *, is_private: bool = False) -> str:
        """Open a thread that belongs to no message; return its id."""
        body = {"name": name, "type": 12 if is_private else 11}
        return str((await self.rest("POST", f"/channels/{channel_id}/threads", body))["id"])

    async def channel(self, guild_id: str, name: str, *, is_nsfw: bool = False) -> str:
        """Make a text channel that everybody may use; return its id."""
        made = await self.play("POST", f"/guilds/{guild_id}/channels", {"name": name, "nsfw": is_nsfw})
        return str(made["id"])

    async def change_channel(self, channel_id: str, **fields: object) -> Json:
        """Change a channel or a thread (`name`, `topic`, `nsfw`, `archived`), given the permission."""
        return dict(await self.rest("PATCH", f"/channels/{channel_id}", fields))

    async def rename(self, name: str) -> None:
        """Take another display name, everywhere."""
        await self.play("PATCH", f"/people/{self.user_id}", {"global_name": name})

    async def nickname(self, guild_id: str, nick: str | None) -> None:
        """Take a nickname in one guild, or drop it."""
        await self.rest("PATCH", f"/guilds/{guild_id}/members/@me", {"nick": nick})

    async def invite(self, username: str, name: str | None = None, *, is_bot: bool = False) -> Person:
        """Add somebody to every guild, a bot if asked; return the one who acts as them, not yet opened."""
        body = {"username": username, "global_name": name, "bot": is_bot}
        added = await self.play("POST", "/people", body)
        return Person(self.origin, added["id"])

    async def role(self, guild_id: str, name: str, *, is_mentionable: bool = True) -> str:
        """Make a role that changes nobody's permissions; return its id."""
        body = {"name": name, "mentionable": is_mentionable}
        return str((await self.rest("POST", f"/guilds/{guild_id}/roles", body))["id"])

    async def webhook(self, channel_id: str, name: str) -> Json:
        """Make a webhook, given the permission."""
        return dict(await self.rest("POST", f"/channels/{channel_id}/webhooks", {"name": name}))

    async def speak_by(self, webhook: Json, content: str, name: str | None = None, **fields: object) -> Json:
        """Say something by a webhook, under any *name*; *fields* go into the body as they are."""
        body = {"content": content, **fields} | ({} if name is None else {"username": name})
        query = {"wait": "true"} | ({"thread_id": str(body.pop("thread_id"))} if "thread_id" in body else {})
        return dict(await self.rest("POST", f"/webhooks/{webhook['id']}/{webhook['token']}", body, **query))

    async def blocks_dms(self, *, blocked: bool) -> None:
        """Stop or start taking direct messages."""
        await self.play("PATCH", f"/people/{self.user_id}", {"blocks_dms": blocked})

    # commands, buttons, forms

    async def commands(self, channel_id: str) -> list[Json]:
        """Return the commands this person may use in a channel."""
        return list(await self.play("GET", "/commands", **{"as": self.user_id, "channel_id": channel_id}))

    async def slash(self, name: str, channel_id: str, timeout: float = WAIT_S, **options: object) -> Json:
        """Use a slash command ("group sub" for nested ones); return how it went.

        The result is `{"nonce", "ok", "error"}`; what the application says comes as events.
        """
        command, given = await self._command(name, channel_id, options)
        data = {"id": command["id"], "name": command["name"], "type": 1, "options": given}
        return await self._interact(2, channel_id, data, timeout)

    async def complete(self, name: str, channel_id: str, focused: str, **options: object) -> list[Json]:
        """Return the choices the application offers for the option *focused*."""
        command, given = await self._command(name, channel_id, options)
        for option in leaves_of(given):
            if option["name"] == focused:
                option["focused"] = True
        data = {"id": command["id"], "name": command["name"], "type": 1, "options": given}
        nonce = await self._begin(4, channel_id, data)
        heard = await self.wait_for("PLAY_AUTOCOMPLETE", lambda d: d["nonce"] == nonce)
        return list(heard["choices"])

    async def menu(self, name: str, channel_id: str, target_id: str, timeout: float = WAIT_S) -> Json:
        """Use a context menu command on a message or a person; return how it went."""
        found = [c for c in await self.commands(channel_id) if c["name"] == name and c["type"] != 1]
        if not found:
            raise LookupError(f"no context menu command {name!r} here")
        data = {"id": found[0]["id"], "name": name, "type": found[0]["type"], "target_id": target_id}
        return await self._interact(2, channel_id, data, timeout)

    async def click(self, message: Json, custom_id: str, timeout: float = WAIT_S) -> Json:
        """Click a button of a message; return how it went."""
        data = {"custom_id": custom_id, "component_type": 2}
        return await self._interact(3, message["channel_id"], data, timeout, message["id"])

    async def choose(self, message: Json, custom_id: str, *values: str, timeout: float = WAIT_S) -> Json:
        """Choose values of a select; return how it went."""
        data = {"custom_id": custom_id, "component_type": 3, "values": list(values)}
        return await self._interact(3, message["channel_id"], data, timeout, message["id"])

    async def next_form(self, timeout: float = WAIT_S) -> Json:
        """Return the next form the application opens."""
        return await self.wait_for("PLAY_MODAL", None, timeout)

    async def submit(self, form: Json, channel_id: str, values: dict[str, Any], timeout: float = WAIT_S) -> Json:
        """Fill in a form by custom ids and submit it; return how it went."""
        parts = [filled(part, values) for part in form["components"]]
        data = {"custom_id": form["custom_id"], "components": [part for part in parts if part]}
        return await self._interact(5, channel_id, data, timeout)

    async def _begin(self, kind: int, channel_id: str, data: Json, message_id: str | None = None) -> str:
        nonce = secrets.token_hex(8)
        body = {"as": self.user_id, "nonce": nonce, "type": kind, "channel_id": channel_id, "data": data}
        if message_id is not None:
            body["message_id"] = message_id
        await self.play("POST", "/interactions", body)
        return nonce

    async def _interact(
        self, kind: int, channel_id: str, data: Json, timeout: float, message_id: str | None = None
    ) -> Json:
        nonce = await self._begin(kind, channel_id, data, message_id)
        return await self.wait_for("PLAY_INTERACTION", lambda d: d["nonce"] == nonce, timeout)

    async def _command(self, name: str, channel_id: str, options: Json) -> tuple[Json, list[Json]]:
        """Find a slash command and lay out its options."""
        first, *path = name.split()
        found = [c for c in await self.commands(channel_id) if c["name"] == first and c["type"] == 1]
        if not found:
            raise LookupError(f"no slash command {first!r} here")
        return found[0], lay_out(found[0].get("options") or [], path, options)


def _path(message: Json) -> str:
    return f"/channels/{message['channel_id']}/messages/{message['id']}"
