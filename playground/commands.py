"""An application's commands, global and per guild, and who may use which where."""

from __future__ import annotations

from playground.command_rules import CHAT_INPUT, check_command
from playground.errors import TOO_MANY_COMMANDS, UNKNOWN_COMMAND, ApiError, FormErrors, Json
from playground.permissions import Permission, channel_permissions
from playground.world import Channel, User, World

COMMANDS_LIMITS = {1: 100, 2: 15, 3: 15}  # by command type, in each scope
IN_GUILD, IN_BOT_DM = 0, 1  # interaction contexts

Scope = int | None  # a guild id, or None for global commands


class Commands:
    """All registered commands."""

    def __init__(self, world: World, app_user: User) -> None:
        self._world = world
        self._app_user = app_user
        self._by_scope: dict[Scope, dict[int, Json]] = {}

    def of(self, scope: Scope) -> list[Json]:
        """Return the commands of one scope."""
        return list(self._by_scope.get(scope, {}).values())

    def get(self, scope: Scope, command_id: int) -> Json:
        """Return one command; refuses unknown ids."""
        command = self._by_scope.get(scope, {}).get(command_id)
        if command is None:
            raise ApiError(UNKNOWN_COMMAND)
        return command

    def upsert(self, scope: Scope, body: Json) -> tuple[Json, bool]:
        """Add a command, or replace the one of the same name and type; tells whether it is new."""
        errors = FormErrors()
        check_command(errors, body)
        errors.raise_if_any()
        present = self._by_scope.setdefault(scope, {})
        twin = _twin(list(present.values()), body)
        shape = self._shape(scope, body, twin)
        after = [command for command in present.values() if command is not twin]
        _check_counts([*after, shape])
        present[int(shape["id"])] = shape
        return shape, twin is None

    def edit(self, scope: Scope, command_id: int, body: Json) -> Json:
        """Change some fields of a command."""
        command = self.get(scope, command_id)
        wanted = {key: value for key, value in command.items() if value is not None} | body
        wanted["type"] = command["type"]
        if command["type"] != CHAT_INPUT:
            wanted.pop("description", None)
        errors = FormErrors()
        check_command(errors, wanted)
        errors.raise_if_any()
        shape = self._shape(scope, wanted, command)
        self._by_scope[scope][command_id] = shape
        return shape

    def replace_all(self, scope: Scope, bodies: object) -> list[Json]:
        """Make *bodies* the commands of the scope; those of the same name and type keep their id."""
        errors = FormErrors()
        if not isinstance(bodies, list):
            errors.add((), "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
            errors.raise_if_any()
            return []
        seen: set[tuple[object, object]] = set()
        for index, body in enumerate(bodies):
            check_command(errors, body, (index,))
            key = (body.get("type", CHAT_INPUT), body.get("name")) if isinstance(body, dict) else None
            if key is not None and key in seen:
                message = "Application command names must be unique"
                errors.add((index, "name"), "APPLICATION_COMMANDS_DUPLICATE_NAME", message)
            if key is not None:
                seen.add(key)
        errors.raise_if_any()
        _check_counts(bodies)
        present = self.of(scope)
        shapes = [self._shape(scope, body, _twin(present, body)) for body in bodies]
        self._by_scope[scope] = {int(shape["id"]): shape for shape in shapes}
        return shapes

    def delete(self, scope: Scope, command_id: int) -> None:
        """Remove a command."""
        self.get(scope, command_id)
        del self._by_scope[scope][command_id]

    def usable(self, channel: Channel, user: User) -> list[Json]:
        """Return the commands *user* may use in *channel*; a guild's hide global ones of the same name."""
        held = channel_permissions(channel, user)
        if channel.guild is not None and not held & Permission.USE_APPLICATION_COMMANDS:
            return []
        if channel.is_dm and self._app_user not in channel.recipients:
            return []
        own = self.of(channel.guild.guild_id) if channel.guild is not None else []
        names = {(command["type"], command["name"]) for command in own}
        everywhere = [c for c in self.of(None) if (c["type"], c["name"]) not in names]
        return [c for c in [*own, *everywhere] if _fits(c, channel, held)]

    def find_usable(self, command_id: int, channel: Channel, user: User) -> Json:
        """Return a command by id if *user* may use it in *channel*."""
        for command in self.usable(channel, user):
            if command["id"] == str(command_id):
                return command
        raise ApiError(UNKNOWN_COMMAND)

    def _shape(self, scope: Scope, body: Json, twin: Json | None) -> Json:
        """Return the command as Discord stores it."""
        is_chat = body.get("type", CHAT_INPUT) == CHAT_INPUT
        shape: Json = {
            "id": twin["id"] if twin else str(self._world.new_id()),
            "application_id": str(self._app_user.user_id),
            "version": str(self._world.new_id()),
            "type": body.get("type", CHAT_INPUT),
            "name": body["name"],
            "name_localizations": body.get("name_localizations"),
            "description": body.get("description", "") if is_chat else "",
            "description_localizations": body.get("description_localizations"),
            "default_member_permissions": _bits(body.get("default_member_permissions")),
            "nsfw": bool(body.get("nsfw")),
        }
        if is_chat and body.get("options"):
            shape["options"] = body["options"]
        if scope is not None:
            shape["guild_id"] = str(scope)
        else:
            contexts, in_dms = body.get("contexts"), body.get("dm_permission", True)
            shape["contexts"] = contexts
            shape["dm_permission"] = IN_BOT_DM in contexts if contexts is not None else bool(in_dms)
            shape["integration_types"] = body.get("integration_types") or [0]
        return shape


def _bits(value: object) -> str | None:
    return None if value is None else str(value)


def _twin(commands: list[Json], body: Json) -> Json | None:
    """Return the command that *body* would replace."""
    key = (body.get("type", CHAT_INPUT), body["name"])
    return next((c for c in commands if (c["type"], c["name"]) == key), None)


def _check_counts(commands: list[Json]) -> None:
    for kind, limit in COMMANDS_LIMITS.items():
        if sum(command.get("type", CHAT_INPUT) == kind for command in commands) > limit:
            raise ApiError(TOO_MANY_COMMANDS)


def _fits(command: Json, channel: Channel, held: int) -> bool:
    """Whether context, age restriction and default permissions let the command appear."""
    contexts = command.get("contexts")
    if contexts is not None and (IN_BOT_DM if channel.is_dm else IN_GUILD) not in contexts:
        return False
    if channel.is_dm:
        return bool(command.get("dm_permission"))
    home = channel.parent or channel
    if command["nsfw"] and not home.is_nsfw:
        return False
    needed = command["default_member_permissions"]
    if needed is None or held & Permission.ADMINISTRATOR:
        return True
    # "0" hides the command from everybody but administrators.
    return int(needed) != 0 and held & int(needed) == int(needed)
