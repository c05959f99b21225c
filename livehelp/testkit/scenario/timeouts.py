"""The default timeouts of a scenario, in seconds."""

from typing import Final

# A line crosses an office in milliseconds, and a link that was cut for two seconds is back in
# three; what takes longer says so.
EXPECT_TIMEOUT: Final = 5.0
# A command waits through a lost link, and a password is hashed on a machine that is busy with
# twenty other scenarios.
ANSWER_TIMEOUT: Final = 20.0
# What has not come so long after everything else was answered is not on its way.
QUIET_PERIOD: Final = 0.1
# The whole of a scenario: it is seconds long, and whatever waits this long waits for ever.
SCENARIO_TIMEOUT: Final = 120.0
# Visits that are left behind on a server of others are ended in this time, or named.
CLEANUP_TIMEOUT: Final = 5.0
