"""What the API answers with: structs in the names of Mastodon's entities, one file per family.

Apps break on small things: ids are strings, times have milliseconds and a Z, image addresses are never empty.
"""
