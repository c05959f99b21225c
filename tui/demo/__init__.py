"""The demo: a visitor and an operator on one screen, over two real connections."""
