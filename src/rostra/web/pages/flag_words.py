"""What may be wrong with something, in plain words: areas first, and what kinds each of them has.

The keys are those of the Commission's tree of categories (DSA Transparency Database, schema of 1 July 2025), so that a
notice, a statement and the yearly report count alike. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

OTHER: Final = "OTHER"
UNSPECIFIED: Final = "NOT_SPECIFIED_NOTICE"


@dataclass(frozen=True, slots=True)
class Area:
    """key: of the category, "VIOLENCE". kinds: keyword → words; `OTHER` closes each list."""

    key: str
    title: str
    hint: str
    kinds: dict[str, str]


AREAS: Final = (
    Area(
        "VIOLENCE",
        "Threats and violence",
        "It threatens people, calls for violence, or is about exploiting or trading people.",
        {
            "INCITEMENT_VIOLENCE_HATRED": "It calls for violence or hatred",
            "COORDINATED_HARM": "People arrange to harm somebody",
            "HUMAN_EXPLOITATION": "People are exploited",
            "HUMAN_TRAFFICKING": "People are traded",
            "TRAFFICKING_WOMEN_GIRLS": "Women or girls are traded",
        },
    ),
    Area(
        "PROTECTION_OF_MINORS",
        "Children and young people",
        "Sexual abuse of children, approaching children, or what must not reach them.",
        {
            "CHILD_SEXUAL_ABUSE_MATERIAL": "It shows or describes sexual abuse of a child",
            "CHILD_SEXUAL_ABUSE_MATERIAL_DEEPFAKE": "It shows such abuse, and was made by a computer",
            "GROOMING_SEXUAL_ENTICEMENT_MINORS": "Somebody approaches a child sexually",
            "UNSAFE_CHALLENGES": "It dares young people to do something dangerous",
            "AGE_SPECIFIC_RESTRICTIONS_MINORS": "It must not be shown to people of their age",
        },
    ),
    Area(
        "SELF_HARM",
        "Suicide and self-harm",
        "It encourages people to hurt themselves, or shows how.",
        {
            "SUICIDE": "It is about suicide",
            "SELF_MUTILATION": "It is about injuring oneself",
            "CONTENT_PROMOTING_EATING_DISORDERS": "It promotes an eating disorder",
        },
    ),
    Area(
        "ILLEGAL_OR_HARMFUL_SPEECH",
        "Hatred, discrimination, defamation",
        "It attacks people for what they are, or says something false that harms somebody's name.",
        {
            "HATE_SPEECH": "It stirs up hatred against a group of people",
            "DISCRIMINATION": "It discriminates against people",
            "DEFAMATION": "It says something false that harms somebody's name",
        },
    ),
    Area(
        "CYBER_VIOLENCE",
        "Harassment, stalking, intimate pictures",
        "Somebody is hunted, humiliated, or shown without having agreed.",
        {
            "CYBER_HARASSMENT": "Somebody is harassed",
            "CYBER_BULLYING_INTIMIDATION": "Somebody is bullied or intimidated",
            "CYBER_STALKING": "Somebody is stalked",
            "CYBER_INCITEMENT": "Others are called to hate or hurt somebody",
            "NON_CONSENSUAL_IMAGE_SHARING": "Intimate pictures are shown without consent",
            "NON_CONSENSUAL_MATERIAL_DEEPFAKE": "Somebody's face or voice was put into something false",
        },
    ),
    Area(
        "CYBER_VIOLENCE_AGAINST_WOMEN",
        "The same, against women or girls",
        "Harassment, stalking, intimate pictures or hatred because somebody is a woman or a girl.",
        {
            "CYBER_HARASSMENT_AGAINST_WOMEN": "A woman is harassed",
            "BULLYING_AGAINST_GIRLS": "A girl is bullied or intimidated",
            "CYBER_STALKING_AGAINST_WOMEN": "A woman is stalked",
            "INCITEMENT_AGAINST_WOMEN": "It calls for violence or hatred against women",
            "FEMALE_GENDERED_DISINFORMATION": "It spreads falsehoods about women as women",
            "NON_CONSENSUAL_IMAGE_SHARING_AGAINST_WOMEN": "Intimate pictures of a woman are shown without consent",
            "NON_CONSENSUAL_MATERIAL_DEEPFAKE_AGAINST_WOMEN": ("A woman's face or voice was put into something false"),
        },
    ),
    Area(
        "RISK_FOR_PUBLIC_SECURITY",
        "Terrorism and danger to the public",
        "It serves terrorism or a forbidden organisation, or puts many people in danger.",
        {
            "TERRORIST_CONTENT": "It serves terrorism",
            "ILLEGAL_ORGANIZATIONS": "It serves a forbidden organisation",
            "RISK_PUBLIC_HEALTH": "It endangers public health",
            "RISK_ENVIRONMENTAL_DAMAGE": "It endangers the environment",
        },
    ),
    Area(
        "DATA_PROTECTION_AND_PRIVACY_VIOLATIONS",
        "Private data",
        "It shows or uses data about somebody that it may not use.",
        {
            "MISSING_PROCESSING_GROUND": "Somebody's data are shown or used without a right to",
            "RIGHT_TO_BE_FORGOTTEN": "It should have been forgotten by now",
            "DATA_FALSIFICATION": "Data about somebody are false",
            "BIOMETRIC_DATA_BREACH": "It reveals a face, a voice or a fingerprint as data",
        },
    ),
    Area(
        "SCAMS_AND_FRAUD",
        "Fraud and false identity",
        "Somebody is cheated, or somebody pretends to be another.",
        {
            "IMPERSONATION_ACCOUNT_HIJACKING": "Somebody pretends to be another, or has taken an account over",
            "PHISHING": "It wants passwords or payment data",
            "INAUTHENTIC_ACCOUNTS": "The account is not a real one",
            "PYRAMID_SCHEMES": "It is a pyramid scheme",
            "INAUTHENTIC_LISTINGS": "It offers something that does not exist",
            "INAUTHENTIC_USER_REVIEWS": "The reviews are invented",
        },
    ),
    Area(
        "INTELLECTUAL_PROPERTY_INFRINGEMENTS",
        "Copyright and trademarks",
        "It uses a work, a name or an invention that belongs to somebody else.",
        {
            "COPYRIGHT_INFRINGEMENT": "It uses a work without a right to",
            "TRADEMARK_INFRINGEMENT": "It uses a trademark without a right to",
            "DESIGN_INFRINGEMENT": "It uses a protected design",
            "PATENT_INFRINGEMENT": "It uses a patented invention",
            "TRADE_SECRET_INFRINGEMENT": "It reveals a trade secret",
            "GEOGRAPHIC_INDICATIONS_INFRINGEMENT": "It misuses a protected name of origin",
        },
    ),
    Area(
        "NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS",
        "Elections and public debate",
        "It breaks the law about elections, or is part of a deception of the public.",
        {
            "MISINFORMATION_DISINFORMATION": "It deceives the public on purpose",
            "VIOLATION_EU_LAW": "It breaks European law on elections or public debate",
            "VIOLATION_NATIONAL_LAW": "It breaks a country's law on elections or public debate",
        },
    ),
    Area(
        "CONSUMER_INFORMATION",
        "Hidden advertising, misleading offers",
        "Customers are not told what they have a right to know.",
        {
            "HIDDEN_ADVERTISEMENT": "It is advertising that does not say so",
            "MISLEADING_INFO_GOODS_SERVICES": "It misleads about what is sold",
            "MISLEADING_INFO_CONSUMER_RIGHTS": "It misleads about customers' rights",
            "INSUFFICIENT_INFORMATION_ON_TRADERS": "It does not say who sells",
            "NONCOMPLIANCE_PRICING": "The price is not stated as it must be",
        },
    ),
    Area(
        "UNSAFE_AND_PROHIBITED_PRODUCTS",
        "Dangerous or forbidden products",
        "Something is offered that is unsafe or must not be sold.",
        {
            "PROHIBITED_PRODUCTS": "The product must not be sold, or not like this",
            "UNSAFE_PRODUCTS": "The product is unsafe",
        },
    ),
    Area(
        "ANIMAL_WELFARE",
        "Cruelty to animals",
        "Animals are harmed, or sold against the law.",
        {
            "ANIMAL_HARM": "Animals are harmed",
            "UNLAWFUL_SALE_ANIMALS": "Animals are sold against the law",
        },
    ),
    Area(UNSPECIFIED, "Something else that is illegal", "You say what in the next step.", {}),
)
"""What can be against the law. What endangers people comes first."""

BY_KEY: Final = {area.key: area for area in AREAS}
RULES_BROKEN: Final = "Against the rules of this place"
NOT_SURE: Final = "Something else of this kind, or I am not sure"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the house that something may break, and how that is counted: category and keyword."""

    key: str
    title: str
    hint: str
    area: str
    kind: str


RULES: Final = (
    Rule("threats", "Threats or calls for violence", "Against a person or a group.", "VIOLENCE", OTHER),
    Rule(
        "harassment",
        "Harassment or insults",
        "Somebody is attacked, followed around or exposed.",
        "CYBER_VIOLENCE",
        "CYBER_HARASSMENT",
    ),
    Rule(
        "hatred",
        "Hatred against people for what they are",
        "Their origin, faith, sex, body or love.",
        "ILLEGAL_OR_HARMFUL_SPEECH",
        "HATE_SPEECH",
    ),
    Rule(
        "pretending",
        "Somebody pretends to be somebody else",
        "A person, an office or a company.",
        "SCAMS_AND_FRAUD",
        "IMPERSONATION_ACCOUNT_HIJACKING",
    ),
    Rule("spam", "Spam", "Unwanted advertising, the same thing over and over.", "OTHER_VIOLATION_TC", OTHER),
    Rule(
        "sexual",
        "Nudity or shocking pictures without a warning",
        "They stand there for everybody to see.",
        "OTHER_VIOLATION_TC",
        "NUDITY",
    ),
    Rule("unlawful", "Something else against the rules", "You say what in the next step.", "OTHER_VIOLATION_TC", OTHER),
)
RULE_BY_KEY: Final = {rule.key: rule for rule in RULES}
