from __future__ import annotations

import pytest
from sqlalchemy import text


@pytest.mark.parametrize("turn", range(4))
async def test_each_test_has_a_database_of_its_own(database, turn):
    async with database.begin() as connection:
        await connection.execute(text("CREATE TABLE mark (turn int)"))
        assert await connection.scalar(text("SELECT count(*) FROM mark")) == 0


async def test_the_template_carries_extension_and_queue(database):
    async with database.connect() as connection:
        assert await connection.scalar(text("SELECT '[1,2]'::vector <-> '[1,2]'::vector")) == 0
        assert await connection.scalar(text("SELECT count(*) FROM pgqueuer")) == 0
