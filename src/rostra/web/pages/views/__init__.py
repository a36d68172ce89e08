"""What every page is given: one frozen dataclass a page, named like its template.

A template sees two names, `page` (one of the classes below; `HomePage` goes to `home.html` and so on) and `frame`
(the rest of the window). It may call `asset("src/player.ts")` for the URL of a built file (and `asset_css(...)` for
the list of its stylesheets), `_("text")` for words, and `| tojson` for data that a script reads.

Every absolute URL ends up here ready to use; templates never join URLs. Lists are tuples. Text is plain and is
escaped by Jinja. The dataclasses of the control page are also the JSON of the API, member by member.
"""
