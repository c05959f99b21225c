"""How long a scenario waits, and for what.

Owns these times, in seconds; steps say others with ``within``. Must not know who waits.
"""

from typing import Final

# A line crosses an office in milliseconds, and a link that was cut for two seconds is back in
# three; what takes longer says so.
EXPECTED: Final = 5.0
# A command waits through a lost link, and a password is hashed on a machine that is busy with
# twenty other scenarios.
ANSWERED: Final = 20.0
# What has not come so long after everything else was answered is not on its way.
QUIET: Final = 0.1
# The whole of a scenario: it is seconds long, and whatever waits this long waits for ever.
LONGEST: Final = 120.0
# Visits that are left behind on a server of others are ended in this time, or named.
FAREWELL: Final = 5.0
