"""Misuse of notices and complaints: counted by people, warned of first, suspended for a while at most."""
