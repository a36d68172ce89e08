"""The page of whoever waits: one answer without anything to fetch, for every browser, with or without JavaScript.

It looks again by `meta refresh`, with the place in its address, so it needs no cookie either. The only script is the
small sum of `rostra.shield.waiting.challenge`, and only where there is one: SHA-256 (FIPS 180-4) written out, since a
browser's own answers each hash in a turn of its loop, and a slow phone took longer over that than the page stays. Both
style and script are let through by their hashes; the policy allows nothing else.
"""

from __future__ import annotations

import base64
import hashlib
from gettext import NullTranslations
from html import escape
from typing import Final, NamedTuple

from rostra.media.wire import Airing
from rostra.shield.waiting.challenge import Challenge
from rostra.shield.waiting.door import Reason, Waits

PAGE_TYPE: Final = "text/html; charset=utf-8"
MOST_BYTES: Final = 15_000
_words: Final = NullTranslations()
_ = _words.gettext

_STYLE: Final = """
:root{color-scheme:light dark;--paper:#faf8f3;--sheet:#fff;--ink:#1c1a17;--soft:#59544b;--line:#dcd6ca}
@media (prefers-color-scheme:dark){
:root{--paper:#161513;--sheet:#201e1b;--ink:#f1ede5;--soft:#b6afa3;--line:#3a362f}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
main{max-width:38rem;margin:0 auto;padding:2rem 1rem 3rem}
h1,.place{font-family:Georgia,"Times New Roman",serif;font-weight:600;line-height:1.2;text-wrap:balance}
h1{font-size:1.6rem;margin:.25rem 0 1.5rem;overflow-wrap:anywhere}
h2{font-size:1rem;margin:1.5rem 0 .25rem}
p{margin:.25rem 0}
a{color:inherit}
.kicker{color:var(--soft);margin:0}
.now{background:var(--sheet);border:1px solid var(--line);border-radius:.75rem;padding:1rem 1.25rem}
.place{font-size:1.75rem;font-variant-numeric:tabular-nums;margin:0 0 .25rem}
a.again{display:inline-block;margin-top:1.5rem;padding:.625rem 1.25rem;min-height:2.75rem;border-radius:.5rem;
background:var(--ink);color:var(--paper);font-weight:600;text-decoration:none}
.more{margin-top:1rem}
a:focus-visible{outline:3px solid var(--ink);outline-offset:2px}
""".strip()

_SCRIPT: Final = """
(async()=>{const m=document.querySelector("[data-salt]"),says=document.querySelector("#sum");if(!m||!says)return;
const{salt,wanted,most,expires,enter}=m.dataset;says.textContent=m.dataset.doing;document.querySelector("#instead").hidden=false;
const part=x=>(x%1)*2**32|0,K=[],H=[];
for(let n=2;K.length<64;n++){let prime=1;for(let d=2;d*d<=n;d++)if(n%d===0)prime=0;
if(prime){if(H.length<8)H.push(part(Math.sqrt(n)));K.push(part(Math.cbrt(n)))}}
const k=Int32Array.from(K),w=new Int32Array(64),s=new Int32Array(8),
want=Int32Array.from({length:8},(_,i)=>parseInt(wanted.slice(i*8,i*8+8),16));
const all=new Int32Array(64);
const solves=text=>{const size=text.length,last=(size+8>>6)*16+15;all.fill(0);
for(let i=0;i<size;i++)all[i>>2]|=text.charCodeAt(i)<<24-(i&3)*8;
all[size>>2]|=128<<24-(size&3)*8;all[last]=size*8;s.set(H);
for(let at=0;at<last;at+=16){for(let i=0;i<64;i++){if(i<16)w[i]=all[at+i];else{const x=w[i-15],y=w[i-2];
w[i]=w[i-16]+w[i-7]+((x>>>7|x<<25)^(x>>>18|x<<14)^x>>>3)+((y>>>17|y<<15)^(y>>>19|y<<13)^y>>>10)}}
let a=s[0],b=s[1],c=s[2],d=s[3],e=s[4],f=s[5],g=s[6],h=s[7];for(let i=0;i<64;i++){
const t=h+((e>>>6|e<<26)^(e>>>11|e<<21)^(e>>>25|e<<7))+(e&f^~e&g)+k[i]+w[i]|0,
u=((a>>>2|a<<30)^(a>>>13|a<<19)^(a>>>22|a<<10))+(a&b^a&c^b&c)|0;h=g;g=f;f=e;e=d+t|0;d=c;c=b;b=a;a=t+u|0}
s[0]+=a;s[1]+=b;s[2]+=c;s[3]+=d;s[4]+=e;s[5]+=f;s[6]+=g;s[7]+=h}
for(let i=0;i<8;i++)if(s[i]!==want[i])return false;return true};
for(let n=0;n<Number(most);n++){if(n%4000===0)await new Promise(go=>setTimeout(go));
if(solves(salt+n)){location.replace(enter+"&proof="+expires+"."+n);return}}})();
""".strip()


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_hash(_STYLE)}'; script-src 'sha256-{_hash(_SCRIPT)}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class _Sum(NamedTuple):
    """What a challenge adds to the page: attributes of its main part, a paragraph, and the script."""

    given: str = ""
    text: str = ""
    script: str = ""

    @classmethod
    def of(cls, challenge: Challenge, again: str) -> _Sum:
        """again: the address of the entry, escaped."""
        doing = escape(_("Your browser does a small sum at the moment; when it is done, the extra minute falls away."))
        instead = f'<a href="{again}&amp;wait=1">{_("Wait the minute instead")}</a>'
        return cls(
            given=(
                f' data-salt="{challenge.salt}" data-wanted="{challenge.wanted}" data-most="{challenge.most}"'
                f' data-expires="{challenge.expires_s}" data-enter="{again}" data-doing="{doing}"'
            ),
            text=f'<p id="sum" role="status"></p><p id="instead" hidden>{instead}</p>',
            script=f"<script>{_SCRIPT}</script>",
        )


def waiting_page(
    waits: Waits, airing: Airing, *, enter: str, page_url: str, again_s: int, waits_instead: bool = False
) -> bytes:
    """enter: the path of the entry; page_url: of the broadcast; again_s: the page looks again after so many seconds.

    waits_instead: whoever reads it has chosen to wait rather than to compute, and stays with that.
    """
    title = escape(airing.title)
    again = escape(f"{enter}?w={waits.token}" if waits.token else enter)
    again += escape("&wait=1") if waits_instead and waits.token else ""
    place = place_text(waits)
    computes = _Sum() if waits.challenge is None else _Sum.of(waits.challenge, again)
    told = [
        (_("Why"), _why(waits.reason)),
        (_("What happens next"), _turn(waits.reason, again_s)),
        (_("Your place is safe"), _safe(waits)),
    ]
    rest = "".join(f"<h2>{head}</h2><p>{text}</p>" for head, text in told if text)
    page = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta http-equiv="refresh" content="{again_s}; url={again}">
<title>{place} · {title}</title>
<style>{_STYLE}</style>
</head>
<body>
<main{computes.given}>
<p class="kicker">{_kicker(waits.reason)}</p>
<h1>{title}</h1>
<section class="now" aria-label="{_("Your place")}">
<p class="place">{place}</p>
<p>{time_text(waits)}</p>
{computes.text}</section>
{rest}
<p><a class="again" href="{again}">{_("Look again now")}</a></p>
<p class="more"><a href="{escape(page_url)}">{_("The page of the broadcast")}</a></p>
</main>
{computes.script}
</body>
</html>
"""
    return page.encode()


def place_text(waits: Waits) -> str:
    """Where in the line."""
    if waits.reason is Reason.CLOSED:
        return _("Nobody new is let in at the moment")
    if waits.reason is Reason.DOORS:
        return _("You have a place in the draw")
    if waits.reason is Reason.NEXT or waits.ahead == 0:
        return _("You are next")
    return _words.ngettext("One person is before you", "At most {count} people are before you", waits.ahead).format(
        count=f"{waits.ahead:,}"
    )


def time_text(waits: Waits) -> str:
    """How long it takes, or that nobody knows."""
    if waits.reason is Reason.CLOSED:
        return _("How long that lasts depends on those who attack this broadcast.")
    if waits.reason is Reason.DOORS:
        return _("The doors are still closed.")
    if waits.reason is Reason.NEXT:
        return _("As soon as a place is free, it is yours.")
    if waits.estimate_s is None:
        return _("How long it takes we cannot say yet: in the last minute no place became free.")
    return _("Waiting time: {time}.").format(time=duration_text(waits.estimate_s))


def duration_text(seconds: int) -> str:
    minutes = -(-seconds // 60)
    if minutes <= 1:
        return _("about a minute") if seconds > 40 else _("less than a minute")
    if minutes < 60:
        return _("about {minutes} minutes").format(minutes=minutes)
    hours, rest = divmod(minutes + 4, 60)
    text = _words.ngettext("about one hour", "about {hours} hours", hours).format(hours=hours)
    return text + (_(" and {minutes} minutes").format(minutes=rest // 5 * 5) if rest >= 5 else "")


def _kicker(reason: Reason) -> str:
    if reason is Reason.DOORS:
        return _("You are early")
    return _("Under attack") if reason in (Reason.CLOSED, Reason.CHALLENGE) else _("The house is full")


def _why(reason: Reason) -> str:
    if reason is Reason.DOORS:
        return _("Everybody who is here before the doors open takes part in one draw. Being quick is of no use.")
    if reason is Reason.CLOSED:
        return _(
            "This broadcast is being flooded with requests. Whoever listens goes on listening; "
            "the page of the broadcast says how else, and afterwards where, it can be heard."
        )
    if reason is Reason.CHALLENGE:
        return _(
            "This broadcast is being flooded with requests. Newcomers wait a minute longer, "
            "so that programs which ask a thousand times gain nothing. You need not do anything."
        )
    return _(
        "The servers take in as many listeners as they can serve well. Whoever is inside stays; "
        "when somebody leaves, the next in line comes in."
    )


def _turn(reason: Reason, again_s: int) -> str:
    looks = _words.ngettext(
        "This page looks again by itself in a second.",
        "This page looks again by itself in {seconds} seconds.",
        again_s,
    ).format(seconds=again_s)
    if reason is Reason.CLOSED:
        return looks
    return looks + " " + _("At your turn it leads you to the broadcast.")


def _safe(waits: Waits) -> str:
    if not waits.token:
        return ""
    return _(
        "You may reload this page, close the lid or change from one network to another. "
        "Your place is kept for five minutes after each look, and again with the next one."
    )
