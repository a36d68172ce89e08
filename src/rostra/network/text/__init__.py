"""Text of posts and profiles: cleaned, counted, searched for mentions, hashtags and links, written as HTML. Pure."""

from rostra.network.text.cleaning import UnreadableText, clean, clean_name
from rostra.network.text.finding import length, mentions_in, tag_key, tags_in, urls_in
from rostra.network.text.links import Link, link_of
from rostra.network.text.words import fold, phrase_of, words_of
from rostra.network.text.writing import Mentioned, Rendered, render

__all__ = [
    "Link",
    "Mentioned",
    "Rendered",
    "UnreadableText",
    "clean",
    "clean_name",
    "fold",
    "length",
    "link_of",
    "mentions_in",
    "phrase_of",
    "render",
    "tag_key",
    "tags_in",
    "urls_in",
    "words_of",
]
