"""Reads DATABASE_URL as people's services hand it out, and turns it into what the driver wants.

Follows libpq's connection URIs (PostgreSQL 18 manual, 32.1.1.2) where they and the driver differ.
Pure but for certificate files named in the address. No error here ever quotes the address or its password.
"""

from __future__ import annotations

import difflib
import ssl
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

from sqlalchemy import URL

from bot.errors import ConfigError

DRIVER = "postgresql+asyncpg"
SCHEMES = ("postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg", "postgresql+psycopg2")
DEFAULT_PORT = 5432
HIGHEST_PORT = 65535
DEFAULT_TIMEOUT_S = 10.0
SHORTEST_TIMEOUT_S = 2.0  # libpq rounds one second up to two
APPLICATION_NAME = "mira"
EXAMPLE = "postgresql://user:password@host:5432/database?sslmode=require"

SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
SESSION_ATTRS = ("any", "read-write", "read-only", "primary", "standby", "prefer-standby")
SYSTEM_ROOTS = "system"  # libpq's word for the operating system's trust store
DEFAULT_ROOT_FILE = Path("~/.postgresql/root.crt")
UNNAMED = "the server named in it"  # where the label could show a piece of a password
SIGNS_TO_ENCODE = "@/?#"  # what ends a part of an address (RFC 3986, 3.2)
TRUE_WORDS = ("1", "true", "yes", "on")

PLACES = ("host", "hostaddr", "port", "user", "password", "dbname")
USED = (
    "sslmode", "sslrootcert", "sslcert", "sslkey", "sslpassword", "sslnegotiation", "options",
    "application_name", "connect_timeout", "target_session_attrs", "pgbouncer", "schema",
)  # fmt: skip
# Known to libpq, Prisma or a hosting service, and without meaning for this driver
IGNORED = (
    "channel_binding", "gssencmode", "krbsrvname", "requirepeer", "fallback_application_name",
    "client_encoding",
    "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout",
    "load_balance_hosts", "passfile", "sslsni", "sslcompression", "ssl_min_protocol_version",
    "ssl_max_protocol_version", "connection_limit", "pool_timeout", "statement_cache_size", "supa",
    "require_auth",
)  # fmt: skip


@dataclass(frozen=True)
class DatabaseAddress:
    """Where the database is and how to connect; *label* names it without user or password."""

    url: URL
    label: str
    connect_args: dict[str, Any] = field(repr=False)
    is_pooled: bool = False

    def asyncpg_arguments(self) -> dict[str, Any]:
        """Give the same connection as keyword arguments of `asyncpg.connect`, without SQLAlchemy."""
        own = {key: value for key, value in self.connect_args.items() if not key.startswith("prepared_statement_")}
        places = {
            "host": self.url.host,
            "port": self.url.port,
            "user": self.url.username,
            "password": self.url.password,
            "database": self.url.database,
        }
        return {key: value for key, value in places.items() if value is not None} | own


def parse_database_url(value: str) -> DatabaseAddress:
    """Read *value*, a DATABASE_URL.

    Raises:
        ConfigError: it cannot be understood; the text names DATABASE_URL and the fix.
    """
    rest = _without_scheme(value.strip().strip("\"'"))
    _refuse_raw_signs(rest)
    front, _, query_text = rest.partition("?")
    query = _query(query_text)
    authority, _, path = front.partition("/")
    credentials, _, host_list = authority.rpartition("@")
    user, _, password = credentials.partition(":")
    hosts = _hosts(host_list, query)
    database = query.get("dbname") or unquote(path) or None
    is_pooled = _is_pooled(hosts, query)
    return DatabaseAddress(
        url=URL.create(
            DRIVER,
            username=query.get("user") or unquote(user) or None,
            password=query.get("password") or unquote(password) or None,
            database=database,
        ),
        label=UNNAMED if _may_be_torn(query_text) else _label(hosts, database),
        connect_args=_connect_args(hosts, query, is_pooled=is_pooled),
        is_pooled=is_pooled,
    )


def _bad(problem: str) -> ConfigError:
    return ConfigError(f"DATABASE_URL: {problem}; it should look like {EXAMPLE}")


def _without_scheme(value: str) -> str:
    if not value:
        raise _bad("it is empty")
    scheme, separator, rest = value.partition("://")
    if not separator:
        raise _bad("it does not start with postgresql://")
    if scheme.lower() not in SCHEMES:
        raise _bad("it is not the address of a Postgres database")
    return rest


def _refuse_raw_signs(rest: str) -> None:
    """Refuse an address that may be cut in the middle of a password: its pieces would be taken for hosts and names."""
    credentials, _, place = rest.rpartition("@")
    if "#" in place or any(sign in credentials for sign in SIGNS_TO_ENCODE):
        raise _bad(
            "it is ambiguous: '@', '/', '?' or '#' in a user name, password or parameter must be "
            "percent-encoded (%40, %2F, %3F, %23)"
        )


def _query(value: str) -> dict[str, str]:
    """Read the part after ``?``; a name that looks like a misspelt one is refused, others are let pass."""
    query: dict[str, str] = {}
    known = (*PLACES, *USED, *IGNORED)
    may_be_torn = _may_be_torn(value)
    for name, text in parse_qsl(value, keep_blank_values=True):
        if name not in known and may_be_torn:
            raise _bad("it has an unknown parameter beside a password: a '&' or '=' in that must be percent-encoded")
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            if near:
                raise _bad(f"it has an unknown parameter {name!r}; did you mean {near[0]!r}?")
            if name.startswith("ssl"):
                raise _bad(f"it has an unknown parameter {name!r}, and what concerns TLS is not ignored")
        if name in ("host", "port") and query.get(name):
            text = f"{query[name]},{text}"
        query[name] = text
    return query


def _may_be_torn(query_text: str) -> bool:
    """Say whether a raw '&' may have cut a password, so that no parameter can be trusted to be shown."""
    return "password=" in query_text.lower()


def _hosts(host_list: str, query: dict[str, str]) -> list[tuple[str, int]]:
    """List the places to try: host names, addresses, or folders of Unix sockets."""
    named = query.get("host") or query.get("hostaddr")
    if named:
        pairs = [_split_port(each) if not each.startswith("/") else (each, "") for each in named.split(",")]
    else:
        pairs = [_split_port(each) for each in host_list.split(",")]
    ports = (query.get("port") or "").split(",")
    if len(ports) not in (1, len(pairs)):
        raise _bad(f"it has {len(pairs)} hosts and {len(ports)} ports")
    ports = ports * len(pairs) if len(ports) == 1 else ports
    hosts = [(host or "localhost", _port(own or extra)) for (host, own), extra in zip(pairs, ports, strict=True)]
    if len({host.startswith("/") for host, _ in hosts}) > 1:
        raise _bad("it mixes host names with folders of Unix sockets")
    return hosts


def _split_port(place: str) -> tuple[str, str]:
    if place.startswith("["):
        host, closing, port = place[1:].partition("]")
        if not closing or (port and not port.startswith(":")):
            raise _bad("an IPv6 address in it is not closed with ]")
        return host, port[1:]
    host, _, port = place.partition(":")
    return unquote(host), port


def _port(value: str) -> int:
    if not value:
        return DEFAULT_PORT
    if not (value.isascii() and value.isdigit() and 0 < int(value) <= HIGHEST_PORT):
        raise _bad(
            "the port in it is not a number from 1 to 65535 "
            "(a '/', '?', '@', ':' or '#' in the password must be percent-encoded)"
        )
    return int(value)


def _label(hosts: list[tuple[str, int]], database: str | None) -> str:
    places = ",".join(host if host.startswith("/") else f"{host}:{port}" for host, port in hosts)
    return f"{places}/{database}" if database else places


def _is_pooled(hosts: list[tuple[str, int]], query: dict[str, str]) -> bool:
    """Say whether a pooler in transaction mode answers, which knows neither our settings nor our locks."""
    if "pgbouncer" in query:
        return query["pgbouncer"].lower() in TRUE_WORDS
    return any("-pooler." in host for host, _ in hosts)  # Neon's pooled addresses


def _connect_args(hosts: list[tuple[str, int]], query: dict[str, str], *, is_pooled: bool) -> dict[str, Any]:
    is_socket = hosts[0][0].startswith("/")
    arguments: dict[str, Any] = {
        "host": [host for host, _ in hosts] if len(hosts) > 1 else hosts[0][0],
        "port": [port for _, port in hosts] if len(hosts) > 1 else hosts[0][1],
        "timeout": _timeout(query.get("connect_timeout", "")),
        "ssl": False if is_socket else _tls(query),
        "server_settings": _server_settings(query, is_pooled=is_pooled),
    }
    if query.get("sslnegotiation", "postgres") == "direct" and not is_socket:
        arguments["direct_tls"] = True
    if attrs := query.get("target_session_attrs"):
        arguments["target_session_attrs"] = _one_of("target_session_attrs", attrs, SESSION_ATTRS)
    if is_pooled:  # each statement may land on another server connection: nothing can be prepared ahead
        arguments |= {
            "statement_cache_size": 0,
            "prepared_statement_cache_size": 0,
            "prepared_statement_name_func": _statement_name,
        }
    return arguments


def _statement_name() -> str:
    return f"__mira_{uuid.uuid4()}__"


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise _bad(f"{name} in it is none of {', '.join(allowed)}")
    return value


def _timeout(value: str) -> float:
    if not value:
        return DEFAULT_TIMEOUT_S
    try:
        seconds = int(value)
    except ValueError:
        raise _bad("connect_timeout in it is not a number of seconds") from None
    return max(float(seconds), SHORTEST_TIMEOUT_S) if seconds > 0 else DEFAULT_TIMEOUT_S


def _server_settings(query: dict[str, str], *, is_pooled: bool) -> dict[str, str]:
    settings = {"application_name": query.get("application_name") or APPLICATION_NAME}
    if not is_pooled:  # a pooler refuses start-up parameters that it does not track
        settings["jit"] = "off"
    if options := query.get("options"):
        settings["options"] = options
    schema = query.get("schema")
    if schema and schema != "public":
        settings["search_path"] = f"{schema},public"
    return settings


def _tls(query: dict[str, str]) -> ssl.SSLContext | str | bool:
    """Choose TLS as libpq does: ``require`` encrypts without checking, unless an authority is named."""
    authority = query.get("sslrootcert", "")
    default = "verify-full" if authority == SYSTEM_ROOTS else "prefer"
    mode = _one_of("sslmode", query.get("sslmode") or default, SSL_MODES)
    if mode == "disable":
        return False
    if authority == SYSTEM_ROOTS and mode != "verify-full":
        raise _bad(f"sslmode={mode} is too weak for sslrootcert=system, use sslmode=verify-full")
    if mode in ("allow", "prefer"):
        return mode  # the driver falls back to plain text itself
    return _tls_context(mode, authority, query)


def _tls_context(mode: str, authority: str, query: dict[str, str]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    is_checked = mode != "require" or bool(authority)
    context.check_hostname = mode == "verify-full"
    context.verify_mode = ssl.CERT_REQUIRED if is_checked else ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["postgresql"])
    if is_checked:
        _load_roots(context, authority)
    if certificate := query.get("sslcert"):
        try:
            context.load_cert_chain(certificate, query.get("sslkey"), query.get("sslpassword"))
        except (OSError, ssl.SSLError):
            raise _bad("its sslcert and sslkey cannot be read as a certificate and its key") from None
    return context


def _load_roots(context: ssl.SSLContext, authority: str) -> None:
    """Trust the authority named, else libpq's own file, else the operating system's."""
    home = DEFAULT_ROOT_FILE.expanduser()
    path = str(Path(authority).expanduser()) if authority else str(home) if home.is_file() else SYSTEM_ROOTS
    if path == SYSTEM_ROOTS or authority == SYSTEM_ROOTS:
        context.load_default_certs()
        return
    try:
        context.load_verify_locations(path)
    except (OSError, ssl.SSLError):
        raise _bad("the file named by sslrootcert in it cannot be read as certificates") from None
