"""A session's short name, such as ``K7P4-MXQ2``, to be read out on the telephone.

Owns its alphabet, how one is made and how one that somebody typed is read. A reference is a name
and never a key: whoever has it can do nothing with it but say which visit they mean.
"""

from typing import Final

# Left out, each for a symbol or a person it could be taken for:
#   0 O    look like each other (and O like Q and D, which therefore may stay)
#   1 I L  look like each other
#   B G S Z  look like 8 6 5 2, which stay
#   U      looks like V, which stays
#   A E    the other vowels: without any, chance spells no words, rude ones least of all
ALPHABET: Final = "23456789CDFHJKMNPQRTVWXY"
# Two groups of four: as much as one keeps in mind between hearing and typing.
GROUP: Final = 4
LENGTH: Final = 2 * GROUP
# 24 ** 8 is 1.1e11 names: with a million visits stored a new one is taken once in 110,000 times,
# and then the caller makes another.
NAMES: Final = len(ALPHABET) ** LENGTH
# How many random bits one takes. 24 ** 8 does not divide 2 ** 64, so some names are likelier than
# others: by one part in 167 million, which nobody can measure.
REFERENCE_BITS: Final = 64

# What a reader takes for a symbol of ours and types in its stead. It is not in the alphabet, so
# that it can only mean the one.
_MEANT: Final = str.maketrans("BGSZU", "8652V")
# Between the groups people write spaces, the keyboard's hyphen, and what their editor makes of it.
_IGNORED: Final = str.maketrans("", "", " \t\r\n\u00a0-\u2010\u2011\u2012\u2013\u2014\u2212")


def make_reference(number: int) -> str:
    """Return the reference that ``number`` makes: every reference is as likely as any other.

    Args:
        number: ``REFERENCE_BITS`` random bits.

    Raises:
        ValueError: ``number`` has more bits, or is negative.
    """
    if not 0 <= number < 1 << REFERENCE_BITS:
        raise ValueError(f"A reference is made of {REFERENCE_BITS} random bits, not of {number}.")
    rest = number % NAMES
    symbols = ""
    for _ in range(LENGTH):
        rest, digit = divmod(rest, len(ALPHABET))
        symbols += ALPHABET[digit]
    return _grouped(symbols)


def parse_reference(text: str) -> str:
    """Return the reference that somebody typed, as ``make_reference`` writes it.

    Small letters, spaces and a missing hyphen do not matter, nor does a look-alike that no
    reference has: B is read as 8, G as 6, S as 5, Z as 2 and U as V.

    Raises:
        ValueError: that is no reference; the message says what is wrong, for the person.
    """
    bare = text.translate(_IGNORED)
    # Only ASCII is made large: elsewhere one letter may become two, or another one.
    symbols = (bare.upper() if bare.isascii() else bare).translate(_MEANT)
    for symbol in symbols:
        if symbol not in ALPHABET:
            raise ValueError(
                f"A reference has no {symbol!r}: it is made of {LENGTH} of {ALPHABET}, "
                "such as K7P4-MXQ2. Look again."
            )
    if len(symbols) != LENGTH:
        raise ValueError(
            f"A reference has {LENGTH} letters and digits, such as K7P4-MXQ2; "
            f"this has {len(symbols)}."
        )
    return _grouped(symbols)


def _grouped(symbols: str) -> str:
    return f"{symbols[:GROUP]}-{symbols[GROUP:]}"
