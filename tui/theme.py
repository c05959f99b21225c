"""The palette.

Owns the colours of both apps, as a Textual theme. They are muted, for eight hours a day, and lie
near the sixteen that every terminal has, so that they stay apart where only those are shown.
No meaning rests on a colour alone: whatever is coloured also has a word or a sign.
"""

from typing import Final

from textual.theme import Theme

CALM: Final = Theme(
    name="calm",
    primary="#7fb2c4",
    secondary="#8fa3b8",
    accent="#d8b26a",
    warning="#d8b26a",
    error="#d98880",
    success="#93bd8c",
    foreground="#d6dadf",
    background="#15181c",
    surface="#1c2025",
    panel="#262b32",
    variables={
        # On 256 colours, which is what SSH mostly leaves, the row one stands on is still blue and
        # the row one left is grey: Rich made grey of the first and a vivid green of the second.
        "block-cursor-background": "#2c5078",
        "block-cursor-foreground": "#f2f4f6",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#2c323a",
        "block-cursor-blurred-foreground": "#d6dadf",
        "block-cursor-blurred-text-style": "none",
        "footer-background": "#1c2025",
        "footer-key-foreground": "#d8b26a",
        "footer-description-foreground": "#aab2bb",
        "input-selection-background": "#2c5078",
        "border": "#7fb2c4",
        "border-blurred": "#3a424c",
    },
)
