"""Trusted flaggers: whom an authority has named, for what, and since when."""
