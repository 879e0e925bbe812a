"""Invents a market for demos and measurements: 120 vendors in 54 countries and 500 experts, always the same.

Names of people and organisations are put together from syllables and mean nobody. Skills are real ESCO skills
from the published list; everything else follows from a fixed seed. An expert has one or two practice areas, a
few of the core skills that most people of the area share, and some rarer ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, TypeAlias, TypeVar
from uuid import UUID

from pydantic import JsonValue

from kpo_events.money import Money, minor_digits
from kpo_matching.adapters.references import load_references
from kpo_matching.domain.abilities import PracticeArea
from kpo_matching.domain.references import References

SEED: Final = 20_260_301
VENDORS: Final = 120
EXPERTS: Final = 500
"""How many experts there are unless somebody asks for more."""

Json: TypeAlias = dict[str, JsonValue]
T = TypeVar("T")

ESCO: Final = "http://data.europa.eu/esco/skill/"
EVIDENCE_REVIEW_SKILLS: Final[JsonValue] = [
    {"skill": f"{ESCO}ad05c2bf-3905-4e4c-bd56-6fcfdebc994c", "level": 3},
]
"""What the demo's clinical evidence review asks for: clinical science."""

CORE_SKILLS: Final[dict[PracticeArea, tuple[str, ...]]] = {
    PracticeArea.LEGAL: (
        "contract law", "commercial law", "intellectual property law", "employment law",
        "competition law", "legal research", "manage contracts", "provide legal advice",
    ),
    PracticeArea.MARKET_RESEARCH: (
        "market research", "market analysis", "survey techniques", "design questionnaires",
        "interview focus groups", "customer segmentation", "customer insight", "statistics",
    ),
    PracticeArea.BUSINESS_RESEARCH: (
        "financial analysis", "financial forecasting", "financial statements", "investment analysis",
        "analyse economic trends", "business valuation techniques", "conduct qualitative research",
        "economics",
    ),
    PracticeArea.CLINICAL_RESEARCH: (
        "clinical science", "epidemiology", "pharmacology", "biomedical science",
        "medical terminology", "analyse scientific data", "cardiology", "pharmaceutical drug development",
    ),
    PracticeArea.RESEARCH_AND_DEVELOPMENT: (
        "molecular biology", "analytical chemistry", "robotics", "signal processing",
        "embedded systems", "mathematics", "plan research process", "composite materials",
    ),
    PracticeArea.CONSULTANCY: (
        "business analysis", "strategic planning", "project management", "risk management",
        "analyse business processes", "identify process improvements", "business model",
        "supply chain management",
    ),
    PracticeArea.SOFTWARE: (
        "Python (computer programming)", "Java (computer programming)", "JavaScript", "SQL",
        "DevOps", "cloud technologies", "define software architecture", "PostgreSQL",
    ),
    PracticeArea.WRITING: (
        "write technical reports", "write scientific papers", "proofread text", "perform copywriting",
        "translate texts", "write manuals", "apply grammar and spelling rules", "provide user documentation",
    ),
}  # fmt: skip
"""Preferred labels of the ESCO skills that most experts of an area share."""


@dataclass(frozen=True, slots=True)
class Place:
    """A country with one of its time zones, its first language and currency, and a usual day rate in EUR."""

    country: str
    time_zone: str
    language: str
    currency: str
    day_rate_euros: int


PLACES: Final = tuple(
    Place(country, zone, language, currency, int(rate))
    for country, zone, language, currency, rate in (
        row.split()
        for row in """
        AR America/Argentina/Buenos_Aires es USD 260
        AT Europe/Vienna de EUR 720
        AU Australia/Sydney en AUD 780
        BD Asia/Dhaka bn USD 180
        BE Europe/Brussels nl EUR 700
        BG Europe/Sofia bg EUR 380
        BR America/Sao_Paulo pt BRL 320
        CA America/Toronto en CAD 740
        CH Europe/Zurich de CHF 980
        CL America/Santiago es CLP 340
        CO America/Bogota es USD 270
        CZ Europe/Prague cs CZK 450
        DE Europe/Berlin de EUR 780
        DK Europe/Copenhagen da DKK 860
        EE Europe/Tallinn et EUR 480
        EG Africa/Cairo ar USD 220
        ES Europe/Madrid es EUR 520
        FI Europe/Helsinki fi EUR 700
        FR Europe/Paris fr EUR 690
        GB Europe/London en GBP 820
        GH Africa/Accra en USD 210
        GR Europe/Athens el EUR 420
        HR Europe/Zagreb hr EUR 400
        HU Europe/Budapest hu HUF 390
        ID Asia/Jakarta id USD 230
        IE Europe/Dublin en EUR 780
        IL Asia/Jerusalem he ILS 720
        IN Asia/Kolkata hi INR 240
        IT Europe/Rome it EUR 560
        JP Asia/Tokyo ja JPY 700
        KE Africa/Nairobi sw USD 240
        KR Asia/Seoul ko KRW 600
        KZ Asia/Almaty kk USD 300
        LT Europe/Vilnius lt EUR 430
        MN Asia/Ulaanbaatar mn USD 250
        MX America/Mexico_City es MXN 310
        MY Asia/Kuala_Lumpur ms USD 300
        NG Africa/Lagos en USD 220
        NL Europe/Amsterdam nl EUR 790
        NO Europe/Oslo nb NOK 880
        NZ Pacific/Auckland en NZD 700
        PE America/Lima es USD 280
        PH Asia/Manila tl USD 210
        PL Europe/Warsaw pl PLN 460
        PT Europe/Lisbon pt EUR 450
        RO Europe/Bucharest ro RON 400
        SE Europe/Stockholm sv SEK 800
        SG Asia/Singapore en SGD 800
        SI Europe/Ljubljana sl EUR 460
        TR Europe/Istanbul tr USD 330
        UA Europe/Kyiv uk USD 340
        US America/New_York en USD 950
        VN Asia/Ho_Chi_Minh vi USD 240
        ZA Africa/Johannesburg en ZAR 360
        """.strip().splitlines()
    )
)

GIVEN: Final = (
    "Ada", "Amo", "Bela", "Cleo", "Dario", "Emi", "Farid", "Gita", "Hana", "Ivo",
    "Jun", "Kira", "Luan", "Mira", "Nils", "Oda", "Pia", "Rui", "Suri", "Tavi",
)  # fmt: skip
FAMILY_HEADS: Final = (
    "Al", "Bor", "Cas", "Dem", "Fal", "Gor", "Hal", "Kor", "Lam", "Mor", "Nov", "Ral", "Sal", "Tor", "Vel",
)  # fmt: skip
FAMILY_TAILS: Final = (
    "ado", "bek", "dani", "eira", "gard", "imov", "kawa", "lund", "mann", "nescu", "oye",
    "rasa", "sen", "tano",
)  # fmt: skip
VENDOR_HEADS: Final = (
    "Amber", "Basalt", "Cobalt", "Delta", "Ember", "Fjord", "Granite", "Harbour",
    "Indigo", "Juniper", "Kelp", "Lumen", "Maple", "Nimbus", "Opal",
)  # fmt: skip
VENDOR_TAILS: Final = (
    "Advisory", "Analytics", "Associates", "Collective", "Insight", "Labs", "Partners", "Research",
)  # fmt: skip

NATIVE, GOOD, FAIR = ("C2",), ("B2", "C1", "C1", "C2"), ("B1", "B1", "B2", "C1")
CORE_LEVELS, RARE_LEVELS = (2, 3, 3, 4, 4, 5), (1, 2, 3, 4)
WEEKLY_HOURS: Final = (16, 20, 24, 32, 40, 40)
EUROPE: Final = "Europe/"
GERMAN: Final = "de"
SECOND_LANGUAGES: Final = ("de", "de", "fr", "es")


@dataclass(frozen=True, slots=True)
class Vendor:
    """An invented organisation."""

    id: UUID
    name: str
    place: Place
    currencies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Expert:
    """An invented person; skills and languages with their levels."""

    person_id: UUID
    vendor_id: UUID
    name: str
    place: Place
    jurisdictions: tuple[str, ...]
    weekly_hours: int
    day_rate: Money
    practice_areas: tuple[PracticeArea, ...]
    skills: dict[str, int]
    languages: dict[str, str]

    @property
    def country(self) -> str:
        return self.place.country


@dataclass(frozen=True, slots=True)
class Population:
    """A whole market."""

    vendors: tuple[Vendor, ...]
    experts: tuple[Expert, ...]


def generate(seed: int = SEED, experts: int = EXPERTS) -> Population:
    """Invent the market of a seed; a larger one begins with the experts of a smaller one."""
    chance = Random(seed)  # noqa: S311 - It invents people; nothing is kept secret with it.
    inventor = Inventor(chance, load_references())
    vendors = tuple(inventor.vendor(number) for number in range(VENDORS))
    return Population(vendors, tuple(inventor.expert(number, vendors) for number in range(experts)))


class Inventor:
    """Draws vendors and experts from one source of chance."""

    def __init__(self, chance: Random, references: References) -> None:
        self._chance = chance
        skills = references.skills.values()
        by_label = {skill.label: skill.id for skill in skills}
        self._core = {area: [by_label[label] for label in labels] for area, labels in CORE_SKILLS.items()}
        self._rare = {
            area: [skill.id for skill in skills if area in skill.practice_areas] for area in PracticeArea
        }

    def vendor(self, number: int) -> Vendor:
        """Invent an organisation; the first ones stand in each of the places in turn."""
        place = PLACES[number % len(PLACES)]
        name = f"{VENDOR_HEADS[number % len(VENDOR_HEADS)]} {VENDOR_TAILS[number // len(VENDOR_HEADS)]}"
        currencies = dict.fromkeys(("EUR", "USD", place.currency))
        if place.currency != "EUR" and self._one_in(8):
            del currencies["EUR"]
        return Vendor(self._id(), name, place, tuple(currencies))

    def expert(self, number: int, vendors: Sequence[Vendor]) -> Expert:
        """Invent a person; every vendor gets one before any gets many."""
        vendor = vendors[number] if number < len(vendors) else self._chance.choice(vendors)
        place = self._chance.choice(PLACES) if self._one_in(6) else vendor.place
        areas = self._areas()
        return Expert(
            person_id=self._id(),
            vendor_id=vendor.id,
            name=self._name(),
            place=place,
            jurisdictions=self._jurisdictions(place),
            weekly_hours=self._chance.choice(WEEKLY_HOURS),
            day_rate=self._day_rate(place, vendor),
            practice_areas=areas,
            skills=self._skills(areas),
            languages=self._languages(place),
        )

    def _areas(self) -> tuple[PracticeArea, ...]:
        return tuple(self._chance.sample(list(PracticeArea), k=2 if self._one_in(3) else 1))

    def _skills(self, areas: Sequence[PracticeArea]) -> dict[str, int]:
        held: dict[str, int] = {}
        for area in areas:
            for skill in self._chance.sample(self._rare[area], k=self._chance.randint(3, 8)):
                held[skill] = self._chance.choice(RARE_LEVELS)
            for skill in self._chance.sample(self._core[area], k=self._chance.randint(4, 7)):
                held[skill] = self._chance.choice(CORE_LEVELS)
        return held

    def _languages(self, place: Place) -> dict[str, str]:
        spoken = {"en": self._chance.choice(GOOD)}
        if place.time_zone.startswith(EUROPE) and self._one_in(2):
            spoken[GERMAN] = self._chance.choice(FAIR)
        if self._one_in(4):
            spoken[self._chance.choice(SECOND_LANGUAGES)] = self._chance.choice(FAIR)
        return spoken | {place.language: self._chance.choice(NATIVE)}

    def _jurisdictions(self, place: Place) -> tuple[str, ...]:
        others = [self._chance.choice(PLACES).country] if self._one_in(4) else []
        return tuple(dict.fromkeys([place.country, *others]))

    def _day_rate(self, place: Place, vendor: Vendor) -> Money:
        """Ask for the usual rate, more or less, in euros where the vendor takes them, else in dollars."""
        rate = place.day_rate_euros * self._chance.randint(70, 150) // 100
        currency = "EUR" if "EUR" in vendor.currencies else "USD"
        return Money.of(rate * 10 ** minor_digits(currency), currency)

    def _name(self) -> str:
        head, tail = self._chance.choice(FAMILY_HEADS), self._chance.choice(FAMILY_TAILS)
        return f"{self._chance.choice(GIVEN)} {head}{tail}"

    def _id(self) -> UUID:
        return UUID(int=self._chance.getrandbits(128), version=4)

    def _one_in(self, number: int) -> bool:
        return self._chance.randrange(number) == 0


def vendor_body(vendor: Vendor) -> Json:
    """Write the request that onboards a vendor."""
    return {
        "vendor_id": str(vendor.id),
        "name": vendor.name,
        "country": vendor.place.country,
        "currencies": list(vendor.currencies),
    }


def expert_body(expert: Expert) -> Json:
    """Write the request that registers an expert."""
    return {
        "vendor_id": str(expert.vendor_id),
        "person_id": str(expert.person_id),
        "name": expert.name,
        "country": expert.country,
        "jurisdictions": list(expert.jurisdictions),
        "time_zone": expert.place.time_zone,
        "weekly_hours": expert.weekly_hours,
        "day_rate": {"amount": expert.day_rate.amount, "currency": expert.day_rate.currency},
        "practice_areas": list(expert.practice_areas),
        "skills": [{"skill": skill, "level": level} for skill, level in expert.skills.items()],
        "languages": [{"language": code, "level": level} for code, level in expert.languages.items()],
    }
