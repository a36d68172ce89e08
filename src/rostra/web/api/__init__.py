"""The JSON API of the site, under /api/v1. Ids are strings, times are ISO 8601 in UTC, failures are RFC 9457."""
