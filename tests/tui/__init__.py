"""The screens: their states without a terminal, pilots, pictures, and a real terminal.

``scenes`` has both apps in scenes that are always the same, ``screens`` drives and reads an app,
``terminal`` is a pseudo terminal, ``told`` has what clients are told, made short.
"""
