"""What may be wrong with something, in plain words: areas first, and what kinds each of them has.

The keys are those of the Commission's tree of categories (DSA Transparency Database, schema of 1 July 2025), so that a
notice, a statement and the yearly report count alike. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rostra.platform.wording import _

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
        _("Threats and violence"),
        _("It threatens people, calls for violence, or is about exploiting or trading people."),
        {
            "INCITEMENT_VIOLENCE_HATRED": _("It calls for violence or hatred"),
            "COORDINATED_HARM": _("People arrange to harm somebody"),
            "HUMAN_EXPLOITATION": _("People are exploited"),
            "HUMAN_TRAFFICKING": _("People are traded"),
            "TRAFFICKING_WOMEN_GIRLS": _("Women or girls are traded"),
        },
    ),
    Area(
        "PROTECTION_OF_MINORS",
        _("Children and young people"),
        _("Sexual abuse of children, approaching children, or what must not reach them."),
        {
            "CHILD_SEXUAL_ABUSE_MATERIAL": _("It shows or describes sexual abuse of a child"),
            "CHILD_SEXUAL_ABUSE_MATERIAL_DEEPFAKE": _("It shows such abuse, and was made by a computer"),
            "GROOMING_SEXUAL_ENTICEMENT_MINORS": _("Somebody approaches a child sexually"),
            "UNSAFE_CHALLENGES": _("It dares young people to do something dangerous"),
            "AGE_SPECIFIC_RESTRICTIONS_MINORS": _("It must not be shown to people of their age"),
        },
    ),
    Area(
        "SELF_HARM",
        _("Suicide and self-harm"),
        _("It encourages people to hurt themselves, or shows how."),
        {
            "SUICIDE": _("It is about suicide"),
            "SELF_MUTILATION": _("It is about injuring oneself"),
            "CONTENT_PROMOTING_EATING_DISORDERS": _("It promotes an eating disorder"),
        },
    ),
    Area(
        "ILLEGAL_OR_HARMFUL_SPEECH",
        _("Hatred, discrimination, defamation"),
        _("It attacks people for what they are, or says something false that harms somebody's name."),
        {
            "HATE_SPEECH": _("It stirs up hatred against a group of people"),
            "DISCRIMINATION": _("It discriminates against people"),
            "DEFAMATION": _("It says something false that harms somebody's name"),
        },
    ),
    Area(
        "CYBER_VIOLENCE",
        _("Harassment, stalking, intimate pictures"),
        _("Somebody is hunted, humiliated, or shown without having agreed."),
        {
            "CYBER_HARASSMENT": _("Somebody is harassed"),
            "CYBER_BULLYING_INTIMIDATION": _("Somebody is bullied or intimidated"),
            "CYBER_STALKING": _("Somebody is stalked"),
            "CYBER_INCITEMENT": _("Others are called to hate or hurt somebody"),
            "NON_CONSENSUAL_IMAGE_SHARING": _("Intimate pictures are shown without consent"),
            "NON_CONSENSUAL_MATERIAL_DEEPFAKE": _("Somebody's face or voice was put into something false"),
        },
    ),
    Area(
        "CYBER_VIOLENCE_AGAINST_WOMEN",
        _("The same, against women or girls"),
        _("Harassment, stalking, intimate pictures or hatred because somebody is a woman or a girl."),
        {
            "CYBER_HARASSMENT_AGAINST_WOMEN": _("A woman is harassed"),
            "BULLYING_AGAINST_GIRLS": _("A girl is bullied or intimidated"),
            "CYBER_STALKING_AGAINST_WOMEN": _("A woman is stalked"),
            "INCITEMENT_AGAINST_WOMEN": _("It calls for violence or hatred against women"),
            "FEMALE_GENDERED_DISINFORMATION": _("It spreads falsehoods about women as women"),
            "NON_CONSENSUAL_IMAGE_SHARING_AGAINST_WOMEN": _("Intimate pictures of a woman are shown without consent"),
            "NON_CONSENSUAL_MATERIAL_DEEPFAKE_AGAINST_WOMEN": (
                _("A woman's face or voice was put into something false")
            ),
        },
    ),
    Area(
        "RISK_FOR_PUBLIC_SECURITY",
        _("Terrorism and danger to the public"),
        _("It serves terrorism or a forbidden organisation, or puts many people in danger."),
        {
            "TERRORIST_CONTENT": _("It serves terrorism"),
            "ILLEGAL_ORGANIZATIONS": _("It serves a forbidden organisation"),
            "RISK_PUBLIC_HEALTH": _("It endangers public health"),
            "RISK_ENVIRONMENTAL_DAMAGE": _("It endangers the environment"),
        },
    ),
    Area(
        "DATA_PROTECTION_AND_PRIVACY_VIOLATIONS",
        _("Private data"),
        _("It shows or uses data about somebody that it may not use."),
        {
            "MISSING_PROCESSING_GROUND": _("Somebody's data are shown or used without a right to"),
            "RIGHT_TO_BE_FORGOTTEN": _("It should have been forgotten by now"),
            "DATA_FALSIFICATION": _("Data about somebody are false"),
            "BIOMETRIC_DATA_BREACH": _("It reveals a face, a voice or a fingerprint as data"),
        },
    ),
    Area(
        "SCAMS_AND_FRAUD",
        _("Fraud and false identity"),
        _("Somebody is cheated, or somebody pretends to be another."),
        {
            "IMPERSONATION_ACCOUNT_HIJACKING": _("Somebody pretends to be another, or has taken an account over"),
            "PHISHING": _("It wants passwords or payment data"),
            "INAUTHENTIC_ACCOUNTS": _("The account is not a real one"),
            "PYRAMID_SCHEMES": _("It is a pyramid scheme"),
            "INAUTHENTIC_LISTINGS": _("It offers something that does not exist"),
            "INAUTHENTIC_USER_REVIEWS": _("The reviews are invented"),
        },
    ),
    Area(
        "INTELLECTUAL_PROPERTY_INFRINGEMENTS",
        _("Copyright and trademarks"),
        _("It uses a work, a name or an invention that belongs to somebody else."),
        {
            "COPYRIGHT_INFRINGEMENT": _("It uses a work without a right to"),
            "TRADEMARK_INFRINGEMENT": _("It uses a trademark without a right to"),
            "DESIGN_INFRINGEMENT": _("It uses a protected design"),
            "PATENT_INFRINGEMENT": _("It uses a patented invention"),
            "TRADE_SECRET_INFRINGEMENT": _("It reveals a trade secret"),
            "GEOGRAPHIC_INDICATIONS_INFRINGEMENT": _("It misuses a protected name of origin"),
        },
    ),
    Area(
        "NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS",
        _("Elections and public debate"),
        _("It breaks the law about elections, or is part of a deception of the public."),
        {
            "MISINFORMATION_DISINFORMATION": _("It deceives the public on purpose"),
            "VIOLATION_EU_LAW": _("It breaks European law on elections or public debate"),
            "VIOLATION_NATIONAL_LAW": _("It breaks a country's law on elections or public debate"),
        },
    ),
    Area(
        "CONSUMER_INFORMATION",
        _("Hidden advertising, misleading offers"),
        _("Customers are not told what they have a right to know."),
        {
            "HIDDEN_ADVERTISEMENT": _("It is advertising that does not say so"),
            "MISLEADING_INFO_GOODS_SERVICES": _("It misleads about what is sold"),
            "MISLEADING_INFO_CONSUMER_RIGHTS": _("It misleads about customers' rights"),
            "INSUFFICIENT_INFORMATION_ON_TRADERS": _("It does not say who sells"),
            "NONCOMPLIANCE_PRICING": _("The price is not stated as it must be"),
        },
    ),
    Area(
        "UNSAFE_AND_PROHIBITED_PRODUCTS",
        _("Dangerous or forbidden products"),
        _("Something is offered that is unsafe or must not be sold."),
        {
            "PROHIBITED_PRODUCTS": _("The product must not be sold, or not like this"),
            "UNSAFE_PRODUCTS": _("The product is unsafe"),
        },
    ),
    Area(
        "ANIMAL_WELFARE",
        _("Cruelty to animals"),
        _("Animals are harmed, or sold against the law."),
        {
            "ANIMAL_HARM": _("Animals are harmed"),
            "UNLAWFUL_SALE_ANIMALS": _("Animals are sold against the law"),
        },
    ),
    Area(UNSPECIFIED, _("Something else that is illegal"), _("You say what in the next step."), {}),
)
"""What can be against the law. What endangers people comes first."""

BY_KEY: Final = {area.key: area for area in AREAS}
RULES_BROKEN: Final = _("Against the rules of this place")
NOT_SURE: Final = _("Something else of this kind, or I am not sure")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the house that something may break, and how that is counted: category and keyword."""

    key: str
    title: str
    hint: str
    area: str
    kind: str


RULES: Final = (
    Rule("threats", _("Threats or calls for violence"), _("Against a person or a group."), "VIOLENCE", OTHER),
    Rule(
        "harassment",
        _("Harassment or insults"),
        _("Somebody is attacked, followed around or exposed."),
        "CYBER_VIOLENCE",
        "CYBER_HARASSMENT",
    ),
    Rule(
        "hatred",
        _("Hatred against people for what they are"),
        _("Their origin, faith, sex, body or love."),
        "ILLEGAL_OR_HARMFUL_SPEECH",
        "HATE_SPEECH",
    ),
    Rule(
        "pretending",
        _("Somebody pretends to be somebody else"),
        _("A person, an office or a company."),
        "SCAMS_AND_FRAUD",
        "IMPERSONATION_ACCOUNT_HIJACKING",
    ),
    Rule("spam", "Spam", _("Unwanted advertising, the same thing over and over."), "OTHER_VIOLATION_TC", OTHER),
    Rule(
        "sexual",
        _("Nudity or shocking pictures without a warning"),
        _("They stand there for everybody to see."),
        "OTHER_VIOLATION_TC",
        "NUDITY",
    ),
    Rule(
        "unlawful",
        _("Something else against the rules"),
        _("You say what in the next step."),
        "OTHER_VIOLATION_TC",
        OTHER,
    ),
)
RULE_BY_KEY: Final = {rule.key: rule for rule in RULES}
