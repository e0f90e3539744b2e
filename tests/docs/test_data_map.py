"""docs/data-map.md names every table, and says of each with a person in it how it is exported and erased."""

from __future__ import annotations

import pytest

from bot.adapters.postgres.schema import metadata
from tests.docs.project import first_codes, read, rows

OF_A_PERSON = {"user_id", "author_id", "content", "author_name", "display_name", "message_id"}
PERSONAL = sorted(table.name for table in metadata.tables.values() if OF_A_PERSON & {*table.columns.keys()})


def test_every_table_is_named():
    text = read("docs/data-map.md")
    for name in metadata.tables:
        assert f"`{name}`" in text, name


@pytest.mark.parametrize("name", PERSONAL)
def test_table_with_a_person_has_a_full_row(name: str):
    row = next(cells for cells in rows("docs/data-map.md") if cells[0] == f"`{name}`")
    assert len(row) == 6
    assert all(row), row


def test_no_row_speaks_of_a_table_that_is_gone():
    assert set(first_codes("docs/data-map.md")) <= {*metadata.tables}
