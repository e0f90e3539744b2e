"""What every test may ask for."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

pytest_plugins = ("tests.database",)

# a loaded machine must not fail a property: time is measured in bench/
settings.register_profile("mira", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("mira")
