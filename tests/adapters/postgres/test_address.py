from __future__ import annotations

import contextlib
import ssl
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.postgres.address import parse_database_url
from bot.errors import ConfigError

WORDS = st.text(st.characters(codec="utf-8"), min_size=1)
SECRET = "s3cr3t-Wort"

# A self-signed certificate made for this file; its key was thrown away. Valid until 2126.
AUTHORITY = """\
-----BEGIN CERTIFICATE-----
MIIBgjCCASegAwIBAgIUEt/G5rOzTR8bfvVi50OhmDpxx+UwCgYIKoZIzj0EAwIw
FTETMBEGA1UEAwwKbWlyYS10ZXN0czAgFw0yNjExMjEwNDEzNDhaGA8yMTI2MTAy
ODA0MTM0OFowFTETMBEGA1UEAwwKbWlyYS10ZXN0czBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABP+JPiiPWLPk1F1CKKcXEjiA+KMYwgfD9Z3EnrOHHEngoHvAAlcQ
+hsfwIW9Ch5LcqcY6XktNetumDD4EIKAVVqjUzBRMB0GA1UdDgQWBBT4/nvpLi1q
xHPZb9ceztKr1em49jAfBgNVHSMEGDAWgBT4/nvpLi1qxHPZb9ceztKr1em49jAP
BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQDpqM0NheAaDW+LlYJh
WQahNoo/B3nWa8GnFhVasDIJvQIhAIUEWKcE3I+cNXAq3J1wf1kct7j6Kpmssvs7
AFLrVWHe
-----END CERTIFICATE-----
"""


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg", "POSTGRES"])
def test_every_spelling_of_the_scheme_ends_at_asyncpg(scheme):
    address = parse_database_url(f"{scheme}://ann:{SECRET}@db.example:6543/mira")
    assert address.url.drivername == "postgresql+asyncpg"
    assert address.asyncpg_arguments() | {"ssl": None, "server_settings": None} == {
        "host": "db.example",
        "port": 6543,
        "user": "ann",
        "password": SECRET,
        "database": "mira",
        "timeout": 10.0,
        "ssl": None,
        "server_settings": None,
    }


@given(password=WORDS, user=WORDS, name=WORDS)
def test_anything_percent_encoded_arrives_as_it_was(password, user, name):
    spelled = [quote(each, safe="") for each in (user, password, name)]
    address = parse_database_url("postgresql://{}:{}@host/{}".format(*spelled))
    assert (address.url.username, address.url.password, address.url.database) == (user, password, name)


def test_raw_signs_in_a_password_that_stay_readable_are_taken():
    assert parse_database_url("postgres://ann:p:w%!rd%@host/db").url.password == "p:w%!rd%"


@pytest.mark.parametrize("text", ["us%20er:p@ss/w#rd%@127.0.0.1:18799/d2", "a:p?w@h/d", "a:p@ss@h/d", "h/d?user=a@b"])
def test_addresses_that_may_be_cut_inside_a_password_are_refused(text):
    with pytest.raises(ConfigError, match="must be percent-encoded"):
        parse_database_url(f"postgres://{text}")


@pytest.mark.parametrize("text", ["ann@h/d#frag", "ann@h/d?sslmode=disable#frag", "ann@h#frag"])
def test_fragments_are_refused_unquoted(text):
    with pytest.raises(ConfigError) as caught:
        parse_database_url(f"postgres://{text}")
    assert "frag" not in str(caught.value)


FORMS = {
    "as credentials": "postgres://zz:{}@9.9.9.9:17/yy",
    "with a query": "postgres://zz:{}@9.9.9.9/yy?sslmode=disable&application_name=xx",
    "without a database": "postgres://zz:{}@9.9.9.9",
    "as a parameter": "postgres://9.9.9.9/yy?user=zz&password={}",
    "as a parameter in front": "postgres:///yy?password={}&host=9.9.9.9",
}
# Upper-case letters that the program's own words do not hold three in a row, and every sign that ends something
PASSWORDS = st.text(st.sampled_from("QXJKWVZ@/?#:%&=+[],; '\"\\"), min_size=3, max_size=24)


@pytest.mark.parametrize("form", FORMS)
@given(password=PASSWORDS)
def test_no_piece_of_a_raw_password_is_ever_shown(form, password):
    try:
        address = parse_database_url(FORMS[form].format(password))
        shown = address.label
    except ConfigError as error:
        shown = str(error)
    pieces = {password[start : start + 3] for start in range(len(password) - 2)}
    own_words = {piece for piece in pieces if not any(sign.isalpha() for sign in piece)}
    assert not [piece for piece in pieces - own_words if piece in shown]


def test_a_parameter_that_may_be_a_piece_of_a_password_is_not_quoted():
    for url in ("postgres://h/d?password=aa&sslmodd=bb", "postgres://h/d?password=aa&sslzzz=1"):
        with pytest.raises(ConfigError) as caught:
            parse_database_url(url)
        assert not any(piece in str(caught.value) for piece in ("sslmodd", "sslzzz"))
    assert "bb" not in parse_database_url("postgres:///d?password=aa&host=bb").label


def test_quotes_and_blanks_around_the_value_are_dropped():
    assert parse_database_url(' "postgres://ann@host/db" ').url.database == "db"


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("postgres://u@[::1]:6000/db", "::1", 6000),
        ("postgres://u@[::1]/db", "::1", 5432),
        ("postgres:///db", "localhost", 5432),
        ("postgres://u@/db?host=/var/run/pg", "/var/run/pg", 5432),
        ("postgres://u@/db?host=%2Fvar%2Frun+x%2Fpg&port=6", "/var/run x/pg", 6),
        ("postgres://u@%2Fvar%2Frun%2Fpg/db", "/var/run/pg", 5432),
        ("postgres://u@a:1,b,[::2]:3/db", ["a", "b", "::2"], [1, 5432, 3]),
        ("postgres://u@/db?host=a,b&port=1,2", ["a", "b"], [1, 2]),
        ("postgres://u@/db?host=a:7&host=b:8", ["a", "b"], [7, 8]),
        ("postgres://u@a,b/db?port=9", ["a", "b"], [9, 9]),
    ],
)
def test_hosts(url, host, port):
    arguments = parse_database_url(url).connect_args
    assert (arguments["host"], arguments["port"]) == (host, port)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "prefer"),
        ("?sslmode=", "prefer"),
        ("?sslmode=prefer", "prefer"),
        ("?sslmode=allow", "allow"),
        ("?sslmode=disable", False),
    ],
)
def test_modes_that_may_end_without_tls(query, expected):
    assert parse_database_url(f"postgres://u@h/d{query}").connect_args["ssl"] == expected


@pytest.mark.parametrize(
    ("query", "verify", "checks_name"),
    [
        ("sslmode=require", ssl.CERT_NONE, False),
        ("sslmode=verify-ca&sslrootcert={file}", ssl.CERT_REQUIRED, False),
        ("sslmode=require&sslrootcert={file}", ssl.CERT_REQUIRED, False),
        ("sslmode=verify-full&sslrootcert={file}", ssl.CERT_REQUIRED, True),
        ("sslmode=verify-full", ssl.CERT_REQUIRED, True),
        ("sslmode=verify-full&sslrootcert=system", ssl.CERT_REQUIRED, True),
        ("sslrootcert=system", ssl.CERT_REQUIRED, True),
    ],
)
def test_modes_that_insist_on_tls(query, verify, checks_name, authority_file):
    context = parse_database_url(f"postgres://u@h/d?{query.format(file=authority_file)}").connect_args["ssl"]
    assert (context.verify_mode, context.check_hostname) == (verify, checks_name)


def test_what_managed_services_add_is_understood():
    address = parse_database_url(
        "postgresql://ann:x@ep-cool.eu.example/neondb"
        "?sslmode=require&channel_binding=require&options=endpoint%3Dep-cool&connect_timeout=15"
        "&application_name=app&target_session_attrs=read-write&some_new_thing=1"
    )
    arguments = address.connect_args
    assert arguments["server_settings"] == {
        "application_name": "app",
        "jit": "off",
        "options": "endpoint=ep-cool",
    }
    assert (arguments["timeout"], arguments["target_session_attrs"]) == (15.0, "read-write")


@pytest.mark.parametrize("url", ["postgres://u@h/d?pgbouncer=true", "postgres://u@ep-x-pooler.eu.example/d"])
def test_behind_a_pooler_nothing_is_prepared_or_set(url):
    address = parse_database_url(url)
    assert address.is_pooled
    assert address.connect_args["statement_cache_size"] == 0
    assert address.connect_args["server_settings"] == {"application_name": "mira"}
    assert "prepared_statement_name_func" not in address.asyncpg_arguments()


BAD = {
    "": "is empty",
    "mira.db": "does not start with postgresql://",
    f"mysql://ann:{SECRET}@h/d": "not the address of a Postgres database",
    f"{SECRET}://h": "not the address",
    f"postgres://ann:{SECRET}/x@h/d": "percent-encoded",
    f"postgres://ann:{SECRET}@h:70000/d": "1 to 65535",
    f"postgres://ann:{SECRET}@h:0/d": "1 to 65535",
    f"postgres://ann:{SECRET}@h/d?sslmode=yes": "sslmode in it is none of disable",
    f"postgres://ann:{SECRET}@h/d?sslmod=require": "did you mean 'sslmode'",
    f"postgres://ann:{SECRET}@h/d?sslfoobarbaz=1": "'sslfoobarbaz'",
    f"postgres://ann:{SECRET}@h/d?sslmode=require&sslrootcert=system": "too weak",
    f"postgres://ann:{SECRET}@h/d?sslmode=verify-ca&sslrootcert=/no/file": "sslrootcert",
    f"postgres://ann:{SECRET}@h/d?sslmode=require&sslcert=/no/file": "sslcert",
    f"postgres://ann:{SECRET}@h/d?connect_timeout=soon": "number of seconds",
    f"postgres://ann:{SECRET}@h/d?target_session_attrs=master": "target_session_attrs",
    f"postgres://ann:{SECRET}@a,b/d?port=1,2,3": "2 hosts and 3 ports",
    f"postgres://ann:{SECRET}@[::1/d": "not closed",
    f"postgres://ann:{SECRET}@/d?host=/run,b": "mixes",
}


@pytest.mark.parametrize("url", BAD)
def test_bad_addresses_are_named_without_the_password(url):
    with pytest.raises(ConfigError) as caught:
        parse_database_url(url)
    assert BAD[url] in str(caught.value)
    assert str(caught.value).startswith("DATABASE_URL: ")
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("front", ["", "postgres://", "postgres://u@h/d?", "postgres://u@h/d?sslmode="])
@given(text=st.text())
def test_nonsense_is_read_or_refused_but_never_breaks(front, text):
    with contextlib.suppress(ConfigError):
        assert parse_database_url(front + text).url.drivername == "postgresql+asyncpg"


def test_neither_repr_nor_label_shows_the_password():
    address = parse_database_url(f"postgres://ann:{SECRET}@h:1/d?sslmode=disable")
    assert SECRET not in repr(address)
    assert address.label == "h:1/d"


@pytest.fixture
def authority_file(tmp_path):
    path = tmp_path / "authority.crt"
    path.write_text(AUTHORITY, encoding="ascii")
    return path
