"""What may be reported and decided, and that every element of the law is in what people are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.broadcast.lifecycle import TAKE_BACK
from rostra.platform.errors import Invalid
from rostra.platform.ids import AccountId
from rostra.safety.cases import CaseId, ComplaintId, DecisionId
from rostra.safety.categories import ANONYMOUS, BY_CODE, check_category
from rostra.safety.category_tree import CATEGORIES, Use
from rostra.safety.complaints import Complaint, Outcome, Side, check_outcome
from rostra.safety.deadlines import SafetyRules
from rostra.safety.decisions import (
    Decision,
    DecisionWish,
    Ground,
    Ordered,
    Reasons,
    Source,
    checked,
    needs_second,
)
from rostra.safety.notices import Contact, NoticeWish
from rostra.safety.recusal import Bias, Parties, sees
from rostra.safety.restrictions import IN_ROOM, Measure
from rostra.safety.statements import TAKE_BACK_MINUTES, Told, answer_of, statement_of
from rostra.safety.subjects import MEDIA_MS_MAX, Subject, SubjectKind, clock_time

NOW = datetime(2026, 5, 4, 18, tzinfo=UTC)
NORA = Contact("Nora Neighbour", "nora@example.org")
POST = Subject(SubjectKind.POST, 7)
ADA = AccountId(1)
WISH = NoticeWish(
    locations=("https://rostra.test/posts/7",),
    explanation="It names three people and asks to beat them.",
    category="VIOLENCE",
    contact=NORA,
    bona_fide=True,
)


def field_at_fault(wish: NoticeWish, *, has_account: bool = False) -> str | None:
    try:
        wish.checked(has_account=has_account)
    except Invalid as error:
        return error.field
    return None


def a_wish(*measures: Ordered, ground: Ground = Ground.LAW, category: str = "VIOLENCE") -> DecisionWish:
    reasons = Reasons(
        category=category, ground=ground, ground_text="§ 111 StGB", why="It asks for it.", facts="A post."
    )
    return DecisionWish(measures=measures, reasons=reasons)


def fault_of(wish: DecisionWish, subject: Subject = POST) -> str | None:
    try:
        checked(wish, subject=subject, affected=ADA, now=NOW)
    except Invalid as error:
        return error.field
    return None


def a_decision(wish: DecisionWish) -> Decision:
    return Decision(
        id=DecisionId(9), case_id=CaseId(8), made_at=NOW, by=AccountId(2), wish=wish, source=Source.NOTICE, affected=ADA
    )


# subjects


subjects = st.one_of(
    st.builds(
        Subject,
        st.sampled_from([SubjectKind.POST, SubjectKind.MEDIA, SubjectKind.ACCOUNT, SubjectKind.BROADCAST]),
        st.integers(0, 2**63 - 1),
    ),
    st.tuples(st.integers(0, 2**63 - 1), st.integers(0, MEDIA_MS_MAX), st.integers(0, MEDIA_MS_MAX)).map(
        lambda each: Subject(SubjectKind.SPAN, each[0], min(each[1:]), max(each[1:]))
    ),
)


@given(subjects)
def test_a_subject_is_read_back_from_its_key(subject: Subject) -> None:
    assert Subject.parse(subject.key) == subject
    assert len(subject.key) <= 80


@pytest.mark.parametrize("key", ["", "post:", "post:x", "post:7:1-2", "span:7", "span:7:9-3", "posts:7", "post:7 "])
def test_nonsense_is_no_subject(key: str) -> None:
    with pytest.raises(ValueError, match=r"no subject|no span"):
        Subject.parse(key)


def test_media_time_is_written_as_players_show_it() -> None:
    assert clock_time(3_690_500) == "1:01:30"


# categories


def test_every_category_of_the_database_is_there_once() -> None:
    """And of the 69 keywords that it takes all but OTHER, which is in many, and STALKING, which is in none."""
    assert [each.number for each in CATEGORIES] == list(range(1, 18))
    keywords = [word.code for each in CATEGORIES for word in each.keywords]
    named = {word for word in keywords if word != "OTHER"}
    assert len(named) == len([word for word in keywords if word != "OTHER"]) == 67
    assert all(each.plain and each.official for each in CATEGORIES)
    assert all(word in {each.code for each in BY_CODE[code].keywords} for code, word in ANONYMOUS)


def test_a_category_is_taken_only_where_it_belongs() -> None:
    assert check_category("VIOLENCE", "COORDINATED_HARM", use=Use.NOTICE).number == 14
    for code, keyword, use in (
        ("OTHER_VIOLATION_TC", "", Use.NOTICE),
        ("NOT_SPECIFIED_ORDER", "", Use.NOTICE),
        ("NOT_SPECIFIED_NOTICE", "", Use.OWN_LAW),
        ("VIOLENCE", "NUDITY", Use.NOTICE),
        ("", "", Use.NOTICE),
    ):
        with pytest.raises(Invalid):
            check_category(code, keyword, use=use)


# notices


def test_a_notice_says_which_of_its_fields_is_wrong() -> None:
    assert field_at_fault(WISH) is None
    for field, change in {
        "locations": {"locations": ("  ",)},
        "explanation": {"explanation": "Bad."},
        "category": {"category": "OTHER_VIOLATION_TC"},
        "keyword": {"keyword": "NUDITY"},
        "name": {"contact": Contact("", "nora@example.org")},
        "email": {"contact": Contact("Nora", "nora at example")},
        "bona_fide": {"bona_fide": False},
        "language": {"language": "German"},
        "attachments": {"attachments": ("a", "b", "c", "d", "e")},
    }.items():
        assert field_at_fault(replace(WISH, **change)) == field  # type: ignore[arg-type]


def test_only_who_reports_child_sexual_abuse_needs_no_name() -> None:
    """Article 16(2)(c); and what is only against the rules is no notice in the sense of the law."""
    nobody = replace(WISH, contact=Contact())
    assert field_at_fault(nobody) == "name"
    assert field_at_fault(nobody, has_account=True) is None
    for category, keyword in ANONYMOUS:
        assert field_at_fault(replace(nobody, category=category, keyword=keyword)) is None
    assert field_at_fault(replace(nobody, category="PROTECTION_OF_MINORS", keyword="UNSAFE_CHALLENGES")) == "name"
    rules = replace(nobody, category="OTHER_VIOLATION_TC", is_illegal=False)
    assert field_at_fault(rules) is None


@given(st.text(max_size=200), st.text(max_size=80))
def test_whatever_is_typed_control_characters_go(explanation: str, name: str) -> None:
    wish = replace(WISH, explanation=f"{explanation}{'x' * 20}", contact=Contact(f"N{name}", "n@example.org"))
    tidy = wish.checked(has_account=False)
    assert not [each for each in tidy.explanation if ord(each) < 32 and each != "\n"]
    assert not [each for each in tidy.contact.name if ord(each) < 32]


def test_the_same_location_twice_is_one_item() -> None:
    tidy = replace(WISH, locations=(" a", "a ", "b")).checked(has_account=True)
    assert tidy.locations == ("a", "b")


# decisions


def test_a_measure_fits_what_the_case_is_about() -> None:
    span = Subject(SubjectKind.SPAN, 5, 1_000, 9_000)
    fits = [
        (Ordered(measure=Measure.REMOVE, subject="post:7"), POST),
        (Ordered(measure=Measure.SUSPEND, subject="account:1"), POST),
        (Ordered(measure=Measure.SILENCE, subject=span.key), span),
        (Ordered(measure=Measure.WITHHOLD, subject="broadcast:5", territories=("FR", "DE")), span),
        (Ordered(measure=Measure.LABEL, subject="post:7", label="Disputed"), POST),
    ]
    for measure, subject in fits:
        assert fault_of(a_wish(measure), subject) is None
    wrong = [
        Ordered(measure=Measure.REMOVE, subject="post:8"),
        Ordered(measure=Measure.SUSPEND, subject="account:2"),
        Ordered(measure=Measure.SUSPEND, subject="post:7"),
        Ordered(measure=Measure.SILENCE, subject="post:7"),
        Ordered(measure=Measure.REMOVE, subject="nothing"),
        Ordered(measure=Measure.REMOVE, subject="post:7", territories=("Germany",)),
        Ordered(measure=Measure.REMOVE, subject="post:7", until=NOW),
        Ordered(measure=Measure.LABEL, subject="post:7"),
        Ordered(measure=Measure.REMOVE, subject="post:7", label="Gone"),
    ]
    for measure in wrong:
        assert fault_of(a_wish(measure)) == "measures"
    moment = Subject(SubjectKind.SPAN, 5, 1_000, 1_000)
    assert fault_of(a_wish(Ordered(measure=Measure.SILENCE, subject=moment.key)), moment) == "measures"


def test_every_reason_has_to_be_given() -> None:
    remove = Ordered(measure=Measure.REMOVE, subject="post:7")
    for field in ("facts", "why", "ground_text"):
        wish = a_wish(remove)
        empty = msgspec.structs.replace(wish, reasons=msgspec.structs.replace(wish.reasons, **{field: " "}))
        assert fault_of(empty) == field
    nothing = a_wish()
    assert fault_of(msgspec.structs.replace(nothing, reasons=Reasons(category="VIOLENCE", facts="A post."))) == "why"


def test_two_have_to_agree_to_the_end_of_an_account_and_in_chosen_categories() -> None:
    rules = SafetyRules()
    assert needs_second(a_wish(Ordered(measure=Measure.TERMINATE, subject="account:1")), rules)
    assert needs_second(
        a_wish(Ordered(measure=Measure.REMOVE, subject="post:7"), category="PROTECTION_OF_MINORS"), rules
    )
    assert not needs_second(a_wish(Ordered(measure=Measure.SUSPEND, subject="account:1")), rules)
    assert not needs_second(a_wish(category="PROTECTION_OF_MINORS"), rules)


# statements


TOLD = Told(
    what="the post https://rostra.test/posts/7",
    zone="Europe/Brussels",
    complain_url="https://rostra.test/reasons/x",
    terms_url="https://rostra.test/rules",
)


@pytest.mark.parametrize(("ground", "element"), [(Ground.LAW, "d"), (Ground.TERMS, "e")])
def test_reasons_have_every_element_of_article_17(ground: Ground, element: str) -> None:
    until = NOW + timedelta(days=30)
    remove = Ordered(measure=Measure.WITHHOLD, subject="post:7", territories=("AT", "DE"), until=until)
    said = statement_of(a_decision(a_wish(remove, ground=ground)), TOLD, complaints_until=NOW + timedelta(days=184))
    assert {each.element for each in said.sections} == {"a", "b", "c", element, "f"}
    text = said.text
    for wanted in (
        "AT, DE",  # (a) territory
        "3 June 2026, 20:00 (Europe/Brussels)",  # (a) duration
        "https://rostra.test/posts/7",
        "A post.",  # (b) facts
        "Somebody flagged it",  # (b) from a notice
        "not a computer program",  # (c) detection
        "No computer program took part in the decision",  # (c) decision
        "§ 111 StGB",  # (d), (e) ground
        "It asks for it.",  # (d), (e) why
        "It costs nothing",  # (f) internal complaint
        "out-of-court",  # (f)
        "court at any time",  # (f)
    ):
        assert wanted in text


def test_an_answer_names_nobody_and_says_why_nothing_is_done() -> None:
    said = answer_of(a_decision(a_wish()), TOLD, complaints_until=NOW).text
    assert "It asks for it." in said
    assert "A post." not in said
    with pytest.raises(ValueError, match="nothing was restricted"):
        statement_of(a_decision(a_wish()), TOLD, complaints_until=NOW)


@given(st.sampled_from(Measure))
def test_every_measure_has_words(measure: Measure) -> None:
    subject = "span:5:0-1000" if measure is Measure.SILENCE else "post:7"
    wish = a_wish(Ordered(measure=measure, subject=subject, label="Disputed"))
    text = statement_of(a_decision(wish), TOLD, complaints_until=NOW).text
    assert "{" not in text
    assert ("everywhere, and has no end date" in text) is (measure not in IN_ROOM)
    assert "This holds everywhere" in text


def test_the_statement_says_how_long_an_end_can_be_taken_back() -> None:
    assert timedelta(minutes=TAKE_BACK_MINUTES) == TAKE_BACK


# complaints and recusal


def test_what_takes_the_place_of_a_decision_fits_the_outcome() -> None:
    removed = a_decision(a_wish(Ordered(measure=Measure.REMOVE, subject="post:7")))
    nothing = a_decision(a_wish())
    acts, rests = removed.wish, nothing.wish

    def fits(before: Decision, side: Side, outcome: Outcome, new: DecisionWish | None) -> bool:
        complaint = Complaint(
            id=ComplaintId(1),
            case_id=CaseId(8),
            decision_id=before.id,
            side=side,
            account_id=None,
            notice_id=None,
            text="No.",
            attachments=(),
            filed_at=NOW,
        )
        try:
            check_outcome(complaint, before, outcome, new)
        except Invalid:
            return False
        return True

    assert fits(removed, Side.AFFECTED, Outcome.UPHELD, None)
    assert not fits(removed, Side.AFFECTED, Outcome.UPHELD, rests)
    assert fits(removed, Side.AFFECTED, Outcome.REVERSED, rests)
    assert not fits(removed, Side.AFFECTED, Outcome.REVERSED, acts)
    assert not fits(removed, Side.AFFECTED, Outcome.REVERSED, None)
    assert fits(removed, Side.AFFECTED, Outcome.PARTLY, acts)
    assert not fits(removed, Side.AFFECTED, Outcome.PARTLY, rests)
    assert fits(nothing, Side.NOTIFIER, Outcome.REVERSED, acts)
    assert not fits(nothing, Side.NOTIFIER, Outcome.REVERSED, rests)


def test_who_has_a_part_in_a_case_does_not_see_it() -> None:
    parties = Parties(affected=ADA, notifiers=frozenset({AccountId(3)}))
    assert sees(ADA, parties) is Bias.OWN_CONTENT
    assert sees(AccountId(3), parties) is Bias.OWN_NOTICE
    assert sees(AccountId(4), parties) is None
