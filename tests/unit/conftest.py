"""Settings of the property tests: no deadline, which a busy machine would miss, and nothing written beside the code."""

from hypothesis import HealthCheck, settings

settings.register_profile("chat", deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("chat")
