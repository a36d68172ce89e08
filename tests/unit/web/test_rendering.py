"""Names of templates and of built files."""

from __future__ import annotations

import json
from pathlib import Path

from rostra.web.answers import etag_matches
from rostra.web.frame import SignInPage
from rostra.web.guards.sessions import csrf_token, is_csrf_token
from rostra.web.pages.statics import read_static
from rostra.web.pages.views.broadcast import BroadcastPage
from rostra.web.rendering import Assets, template_name

MANIFEST = {
    "src/player.ts": {"file": "assets/player-1.js", "css": ["assets/player-2.css"], "imports": ["_shared.js"]},
    "_shared.js": {"file": "assets/shared-3.js", "css": ["assets/shared-4.css"], "imports": ["src/player.ts"]},
}


def test_a_page_finds_its_template_by_its_name() -> None:
    assert template_name(SignInPage(reason="needed", text="")) == "sign_in"
    assert BroadcastPage.__name__ == "BroadcastPage"


def test_a_built_file_is_found_by_its_source(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps(MANIFEST))
    assets = Assets.read(tmp_path)
    assert assets.url("src/player.ts") == "/static/assets/player-1.js"
    assert assets.css("src/player.ts") == ["/static/assets/player-2.css", "/static/assets/shared-4.css"]


def test_without_a_build_pages_still_have_addresses(tmp_path: Path) -> None:
    assets = Assets.read(tmp_path)
    assert not assets.is_built
    assert assets.url("src/player.ts") == "/static/src/player.ts"


def test_hashed_files_are_kept_for_ever_and_zipped_when_it_pays(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "a-1.js").write_text("x" * 5000)
    (tmp_path / "manifest.json").write_text("{}")
    files = read_static(tmp_path)
    script = files["assets/a-1.js"]
    assert "immutable" in script.caching
    assert script.zipped is not None
    assert len(script.zipped) < 200
    assert "immutable" not in files["manifest.json"].caching
    assert files["manifest.json"].zipped is None


def test_entity_tags_compare_weakly() -> None:
    assert etag_matches('"x", W/"abc"', 'W/"abc"')
    assert etag_matches("*", '"abc"')
    assert not etag_matches('"abcd"', '"abc"')
    assert not etag_matches(None, '"abc"')


def test_a_csrf_token_belongs_to_one_session() -> None:
    """Each page has another, so that its zipped length tells nothing; all of them count, for one session."""
    one, other = csrf_token("secret"), csrf_token("secret")
    assert one != other
    assert is_csrf_token(one, "secret")
    assert is_csrf_token(other, "secret")
    assert not is_csrf_token(one, "another")
    for forged in ("", "secret", one[:-4], one + "AAAA", "\u00e9" * 48):
        assert not is_csrf_token(forged, "secret")
    assert "secret" not in one
