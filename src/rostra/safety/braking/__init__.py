"""Brakes: for a while, what is posted about a subject is shown to nobody who does not look for it."""
