"""Hypothesis as this folder runs it: the same examples every time, and no stop-watch."""

from hypothesis import HealthCheck, settings

# A machine that is busy with other tests is slow, not wrong.
settings.register_profile(
    "wire", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("wire")
