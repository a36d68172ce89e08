"""The EU's categories of illegal and unwanted content, as data.

Source: the tree of Implementing Regulation (EU) 2024/2835, Annex I, in force since July 2025, whose codes the
Commission's database takes with the prefixes STATEMENT_CATEGORY_ and KEYWORD_. `plain` is ours: what a form says.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Use(StrEnum):
    """What a category may stand in: orders of authorities, notices, own measures by law, own measures by the terms."""

    ORDER = "order"
    NOTICE = "notice"
    OWN_LAW = "own_law"
    OWN_TERMS = "own_terms"


@dataclass(frozen=True, slots=True)
class Keyword:
    """A sub-category. official: its name in the Regulation."""

    code: str
    official: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """number: in the Regulation. code: without its prefix. keywords: in the Regulation's order."""

    number: int
    code: str
    official: str
    plain: str
    uses: frozenset[Use]
    keywords: tuple[Keyword, ...] = ()


_LAW: Final = frozenset(Use)

CATEGORIES: Final = (
    Category(
        number=1,
        code="ANIMAL_WELFARE",
        official="Animal welfare",
        plain="Cruelty to animals",
        uses=_LAW,
        keywords=(
            Keyword("ANIMAL_HARM", "Animal harm"),
            Keyword("UNLAWFUL_SALE_ANIMALS", "Unlawful sale of animals"),
            Keyword("OTHER", "Not captured by any other sub-category"),
        ),
    ),
    Category(
        number=2,
        code="CONSUMER_INFORMATION",
        official="Consumer information infringements",
        plain="Hidden advertising, or wrong facts for buyers",
        uses=_LAW,
        keywords=(
            Keyword(
                "HIDDEN_ADVERTISEMENT", "Hidden advertisement or commercial communication, including by influencers"
            ),
            Keyword("INSUFFICIENT_INFORMATION_ON_TRADERS", "Insufficient information on traders"),
            Keyword(
                "MISLEADING_INFO_GOODS_SERVICES",
                "Misleading information about the characteristics of the goods and services",
            ),
            Keyword("MISLEADING_INFO_CONSUMER_RIGHTS", "Misleading information about the consumer's rights"),
            Keyword("NONCOMPLIANCE_PRICING", "Non-compliance with pricing regulations"),
            Keyword("OTHER", "Not captured by any other sub-category"),
        ),
    ),
    Category(
        number=3,
        code="CYBER_VIOLENCE",
        official="Cyber violence",
        plain="Bullying, stalking or threats online",
        uses=_LAW,
        keywords=(
            Keyword("CYBER_BULLYING_INTIMIDATION", "Cyber bullying and intimidation"),
            Keyword("CYBER_HARASSMENT", "Cyber harassment"),
            Keyword("CYBER_INCITEMENT", "Cyber incitement to hatred or violence"),
            Keyword("CYBER_STALKING", "Cyber stalking"),
            Keyword(
                "NON_CONSENSUAL_IMAGE_SHARING",
                "Non-consensual (intimate) material sharing, including (image-based) sexual abuse "
                "(excluding content depicting minors)",
            ),
            Keyword(
                "NON_CONSENSUAL_MATERIAL_DEEPFAKE",
                "Non-consensual sharing of material containing deepfake or similar technology using a "
                "third party's features (excluding content depicting minors)",
            ),
            Keyword("OTHER", "Not captured by any other sub-category"),
        ),
    ),
    Category(
        number=4,
        code="CYBER_VIOLENCE_AGAINST_WOMEN",
        official="Cyber violence against women",
        plain="Violence online against women or girls",
        uses=_LAW,
        keywords=(
            Keyword("BULLYING_AGAINST_GIRLS", "Cyber bullying and intimidation against girls"),
            Keyword("CYBER_HARASSMENT_AGAINST_WOMEN", "Cyber harassment against women"),
            Keyword("CYBER_STALKING_AGAINST_WOMEN", "Cyber stalking against women"),
            Keyword("FEMALE_GENDERED_DISINFORMATION", "Gendered disinformation"),
            Keyword("INCITEMENT_AGAINST_WOMEN", "Illegal incitement to violence and hatred against women"),
            Keyword(
                "NON_CONSENSUAL_IMAGE_SHARING_AGAINST_WOMEN",
                "Non-consensual (intimate) material sharing against women, including (image-based) sexual "
                "abuse against women (excluding content depicting minors)",
            ),
            Keyword(
                "NON_CONSENSUAL_MATERIAL_DEEPFAKE_AGAINST_WOMEN",
                "Non-consensual sharing of material containing deepfake or similar technology using a "
                "third party's features against women (excluding content depicting minors)",
            ),
            Keyword("OTHER", "Not captured by any other sub-category"),
        ),
    ),
    Category(
        number=5,
        code="DATA_PROTECTION_AND_PRIVACY_VIOLATIONS",
        official="Data protection and privacy violations",
        plain="Private data made public or misused",
        uses=_LAW,
        keywords=(
            Keyword("BIOMETRIC_DATA_BREACH", "Biometric data breach"),
            Keyword("DATA_FALSIFICATION", "Data falsification"),
            Keyword("MISSING_PROCESSING_GROUND", "Missing processing ground for data"),
            Keyword("RIGHT_TO_BE_FORGOTTEN", "Right to be forgotten"),
            Keyword("OTHER", "Not captured by any other sub-category"),
        ),
    ),
    Category(
        number=6,
        code="ILLEGAL_OR_HARMFUL_SPEECH",
        official="Illegal or harmful speech",
        plain="Hate speech, discrimination or defamation",
        uses=_LAW,
        keywords=(
            Keyword("DEFAMATION", "Defamation"),
            Keyword("DISCRIMINATION", "Discrimination"),
            Keyword(
                "HATE_SPEECH",
                "Illegal incitement to violence and hatred based on protected characteristics (hate speech)",
            ),
            Keyword("OTHER", "Not captured by any other sub-category"),
        ),
    ),
    Category(
        number=7,
        code="INTELLECTUAL_PROPERTY_INFRINGEMENTS",
        official="Intellectual property infringements",
        plain="Somebody else's work, name or invention",
        uses=_LAW,
        keywords=(
            Keyword("COPYRIGHT_INFRINGEMENT", "Copyright infringements"),
            Keyword("DESIGN_INFRINGEMENT", "Design infringements"),
            Keyword("GEOGRAPHIC_INDICATIONS_INFRINGEMENT", "Geographic indications infringements"),
            Keyword("PATENT_INFRINGEMENT", "Patent infringements"),
            Keyword("TRADE_SECRET_INFRINGEMENT", "Trade secret infringements"),
            Keyword("TRADEMARK_INFRINGEMENT", "Trademark infringements"),
            Keyword("OTHER", "Not captured by any other sub-category"),
        ),
    ),
    Category(
        number=8,
        code="NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS",
        official="Negative effects on civic discourse or elections",
        plain="Interference with elections or public debate",
        uses=_LAW,
        keywords=(
            Keyword(
                "MISINFORMATION_DISINFORMATION",
                "Misinformation, disinformation, foreign information manipulation and interference",
            ),
            Keyword("VIOLATION_EU_LAW", "Violation of EU law relevant to civic discourse or elections"),
            Keyword("VIOLATION_NATIONAL_LAW", "Violation of national law relevant to civic discourse or elections"),
            Keyword("OTHER", "Not captured by any other sub-category"),
        ),
    ),
    Category(
        number=9,
        code="PROTECTION_OF_MINORS",
        official="Protection of minors",
        plain="Harm to children and young people",
        uses=_LAW,
        keywords=(
            Keyword("AGE_SPECIFIC_RESTRICTIONS_MINORS", "Age-specific restrictions concerning minors"),
            Keyword("CHILD_SEXUAL_ABUSE_MATERIAL", "Child sexual abuse material"),
            Keyword(
                "CHILD_SEXUAL_ABUSE_MATERIAL_DEEPFAKE",
                "Child sexual abuse material containing deepfake or similar technology",
            ),
            Keyword("GROOMING_SEXUAL_ENTICEMENT_MINORS", "Grooming/sexual enticement of minors"),
            Keyword("UNSAFE_CHALLENGES", "Unsafe challenges"),
            Keyword("OTHER", "Not captured by any other sub-category"),
        ),
    ),
    Category(
        number=10,
        code="RISK_FOR_PUBLIC_SECURITY",
        official="Risk for public security",
        plain="Terrorism or danger to the public",
        uses=_LAW,
        keywords=(
            Keyword("ILLEGAL_ORGANIZATIONS", "Illegal organizations"),
            Keyword("RISK_ENVIRONMENTAL_DAMAGE", "Risk for environmental damage"),
            Keyword("RISK_PUBLIC_HEALTH", "Risk for public health"),
            Keyword("TERRORIST_CONTENT", "Terrorist content"),
            Keyword("OTHER", "Not captured by any other sub-category"),
        ),
    ),
    Category(
        number=11,
        code="SCAMS_AND_FRAUD",
        official="Scams and/or fraud",
        plain="Scams and fraud",
        uses=_LAW,
        keywords=(
            Keyword("IMPERSONATION_ACCOUNT_HIJACKING", "Impersonation or account hijacking"),
            Keyword("INAUTHENTIC_ACCOUNTS", "Inauthentic accounts"),
            Keyword("INAUTHENTIC_LISTINGS", "Inauthentic listings"),
            Keyword("INAUTHENTIC_USER_REVIEWS", "Inauthentic user reviews"),
            Keyword("PHISHING", "Phishing"),
            Keyword("PYRAMID_SCHEMES", "Pyramid schemes"),
            Keyword("OTHER", "Not captured by any other sub-category"),
        ),
    ),
    Category(
        number=12,
        code="SELF_HARM",
        official="Self-harm",
        plain="Suicide, self-harm or eating disorders",
        uses=_LAW,
        keywords=(
            Keyword("CONTENT_PROMOTING_EATING_DISORDERS", "Content promoting eating disorders"),
            Keyword("SELF_MUTILATION", "Self-mutilation"),
            Keyword("SUICIDE", "Suicide"),
            Keyword("OTHER", "Not captured by any other sub-category"),
        ),
    ),
    Category(
        number=13,
        code="UNSAFE_AND_PROHIBITED_PRODUCTS",
        official="Unsafe, non-compliant or prohibited products",
        plain="Dangerous or prohibited goods",
        uses=_LAW,
        keywords=(
            Keyword("PROHIBITED_PRODUCTS", "Prohibited or restricted products"),
            Keyword("UNSAFE_PRODUCTS", "Unsafe or non-compliant products"),
            Keyword("OTHER", "Not captured by any other sub-category"),
        ),
    ),
    Category(
        number=14,
        code="VIOLENCE",
        official="Violence",
        plain="Violence, threats or exploitation of people",
        uses=_LAW,
        keywords=(
            Keyword("COORDINATED_HARM", "Coordinated harm"),
            Keyword("INCITEMENT_VIOLENCE_HATRED", "General calls or incitement to violence and/or hatred"),
            Keyword("HUMAN_EXPLOITATION", "Human exploitation"),
            Keyword("HUMAN_TRAFFICKING", "Human trafficking"),
            Keyword("TRAFFICKING_WOMEN_GIRLS", "Trafficking in women and girls"),
            Keyword("OTHER", "Not captured by any other sub-category"),
        ),
    ),
    Category(
        number=15,
        code="OTHER_VIOLATION_TC",
        official="Other violation of provider's terms and conditions",
        plain="Something else that the rules of this place forbid",
        uses=frozenset({Use.OWN_TERMS}),
        keywords=(
            Keyword("ADULT_SEXUAL_MATERIAL", "Adult sexual material"),
            Keyword("AGE_SPECIFIC_RESTRICTIONS", "Age-specific restrictions"),
            Keyword("GEOGRAPHICAL_REQUIREMENTS", "Geographical requirements"),
            Keyword("GOODS_SERVICES_NOT_PERMITTED", "Goods/services not permitted to be offered on the platform"),
            Keyword("LANGUAGE_REQUIREMENTS", "Language requirements"),
            Keyword("NUDITY", "Nudity"),
            Keyword("OTHER", "Not captured by any other sub-category"),
        ),
    ),
    Category(
        number=16,
        code="NOT_SPECIFIED_ORDER",
        official="Type of illegal content not specified by the public authority",
        plain="An authority's order that names no kind",
        uses=frozenset({Use.ORDER}),
    ),
    Category(
        number=17,
        code="NOT_SPECIFIED_NOTICE",
        official="Type of alleged illegal content not specified by the notifier",
        plain="Something else that is illegal",
        uses=frozenset({Use.NOTICE}),
    ),
)
