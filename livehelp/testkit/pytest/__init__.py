"""The pytest plugin and what its fixtures give; import them from ``livehelp.testing``."""
