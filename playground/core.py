"""What the parts of one running playground share, and what each application on it has for itself."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field

from playground.commands import Commands
from playground.events import Events
from playground.faults import Faults
from playground.intents import UNPRIVILEGED_INTENTS
from playground.interactions import Interactions
from playground.ratelimit import RateLimits
from playground.sessions import Sessions
from playground.uploads import Uploads
from playground.world import User, World

HEARTBEAT_INTERVAL_S = 41.25  # what Discord's HELLO says
INTERACTION_TIMEOUT_S = 3.0  # Discord reference, "Responding to an Interaction"
IDENTIFY_INTERVAL_S = 5.0  # Discord reference, "Rate Limiting and Concurrency"


@dataclass(slots=True)
class Options:
    """What a caller may choose about a playground."""

    rate_limits: bool = True
    heartbeat_interval_s: float = HEARTBEAT_INTERVAL_S
    interaction_timeout_s: float = INTERACTION_TIMEOUT_S
    max_concurrency: int = 1
    identify_interval_s: float = 0.0  # 0: identifies may follow each other at once, so that tests restart fast
    panel_url: str | None = None
    model_label: str = ""


@dataclass(slots=True)
class Core:
    """The state and services of one application; `server` builds it, every route receives the caller's.

    *app* is the application's bot user, the world's first where it is None. A further application is built *beside*
    the first and shares with it what happens; tokens, sessions, commands, limits and faults are its own.
    """

    world: World
    options: Options
    token: str
    approved_intents: int = UNPRIVILEGED_INTENTS
    origin: str = ""
    faults: Faults = field(default_factory=Faults)
    sessions: Sessions = field(default_factory=Sessions)
    uploads: Uploads = field(default_factory=Uploads)
    app: User | None = None
    beside: Core | None = None
    app_user: User = field(init=False)
    commands: Commands = field(init=False)
    events: Events = field(init=False)
    limits: RateLimits = field(init=False)
    interactions: Interactions = field(init=False)
    presence: dict[str, object] = field(default_factory=lambda: {"status": "online", "activities": []})

    def __post_init__(self) -> None:
        self.app_user = self.app or self.world.app_user
        self.commands = Commands(self.world, self.app_user)
        self.events = Events(self.world, self.sessions) if self.beside is None else self.beside.events
        self.events.serve(self.app_user, self.sessions)
        self.uploads = self.uploads if self.beside is None else self.beside.uploads
        self.limits = RateLimits(is_enabled=self.options.rate_limits)
        self.interactions = Interactions(self.world, self.app_user, self.events, self.options.interaction_timeout_s)

    @property
    def rest_url(self) -> str:
        """Where REST lives."""
        return f"{self.origin}/api/v10"

    @property
    def gateway_url(self) -> str:
        """Where the gateway lives."""
        return f"ws{self.origin.removeprefix('http')}/gateway"


def new_token(app_user_id: int) -> str:
    """Make a token built like Discord's: the id, then two random parts."""
    head = base64.urlsafe_b64encode(str(app_user_id).encode()).decode().rstrip("=")
    return f"{head}.{secrets.token_urlsafe(5)[:6]}.{secrets.token_urlsafe(30)[:38]}"
