"""The Mastodon client API, so that the apps people already have work here.

The contract is Mastodon's documentation; where apps differ from it, the apps win. One file per area.
"""
