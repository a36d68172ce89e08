"""Captions: what is being said, recognised from the parts on the bus by a speech engine."""
