"""A scenario file made of a stored transcript.

``writer`` makes the file; ``harmless`` replaces what people wrote before that.
"""
