"""The reviewed directory: who can be reached, in which country, for what, and when."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal, get_args

from bot.content.opening import OpeningHours

Kind = Literal["phone", "sms", "chat", "web"]
KINDS: tuple[Kind, ...] = get_args(Kind)
WORLDWIDE = "ZZ"
MOST = 5  # services shown at once
MOST_UNKNOWN_COUNTRY = 6

# What a service is for, the most urgent first: the order in which services are shown.
TOPICS = (
    "emergency",
    "suicide",
    "trafficking",
    "image_removal",
    "child_helpline",
    "child_protection",
    "runaway",
    "sexual_assault",
    "online_harm",
    "mental_health",
    "report",
    "directory",
    "lgbtq",
    "adults",
    "image_removal_adults",
)
# Where a country has nothing for a topic, these stand in for it.
STAND_INS: Mapping[str, tuple[str, ...]] = {
    "suicide": ("mental_health",),
    "child_helpline": ("child_protection", "mental_health", "suicide"),
    "image_removal": ("online_harm",),
}


@dataclass(frozen=True, slots=True)
class Contact:
    """One way to reach one service.

    Attributes:
        service: id of the service; several contacts may belong to one.
        contact: exact digits as they are dialled, or an https address.
        hours: as it is said; "" when not known.
        opening: None when not known.
        role: for an emergency number that is not for everything: "police", "ambulance", "from a mobile".
        keyword: for an SMS service that wants a word.
        confidence: A, B or C; C waits for a look by a person and is never shown.
        check_by: day on which a person must have checked it again.
    """

    id: str
    country: str
    service: str
    name: str
    kind: Kind
    contact: str
    topics: tuple[str, ...]
    hours: str
    opening: OpeningHours | None
    who: str
    role: str
    keyword: str
    confidence: str
    shown: bool
    source: str
    source_date: str
    check_by: date
    line: int

    @property
    def digits(self) -> str:
        return re.sub(r"\D", "", self.contact) if self.kind in ("phone", "sms") else ""

    def open_now(self, now: float) -> bool | None:
        return self.opening.open_at(now) if self.opening is not None else None


@dataclass(frozen=True, slots=True)
class Country:
    """`name` as a heading, `spoken` inside a sentence: "United Kingdom", "the UK"."""

    code: str
    name: str
    spoken: str


@dataclass(frozen=True, slots=True)
class Service:
    """A contact as a young person sees it. `country` is a code, "" for worldwide; `open_now` None when not known."""

    name: str
    contact: str
    kind: Kind
    country: str
    hours: str
    open_now: bool | None


class Directory:
    """Chooses services. Every answer begins with an emergency number, and none is empty.

    Args:
        home_countries: codes; what a reader sees whose country is not known.
    """

    def __init__(
        self,
        contacts: Sequence[Contact],
        countries: Mapping[str, Country],
        topics_by_cue: Mapping[str, tuple[str, ...]],
        home_countries: Sequence[str],
    ) -> None:
        self.contacts = tuple(contacts)
        self.countries = dict(countries)
        self.topics_by_cue = dict(topics_by_cue)
        self.home_countries = tuple(home_countries)
        self._shown = [contact for contact in self.contacts if contact.shown]
        self.numbers = frozenset(contact.digits for contact in self._shown if contact.digits)
        self.links = frozenset(_host(contact.contact) for contact in self._shown if contact.kind in ("chat", "web"))

    def services(self, country: str | None, topics: Collection[str], now: float) -> list[Service]:
        """Whom to reach, the most urgent first: an emergency number, then by topic.

        Args:
            country: two letters, or None: then the home countries' services, under the country's name, and worldwide ones.
            topics: out of `TOPICS`; others are passed over. A child helpline is always among the answer where there is one.
            now: seconds since the epoch.
        """
        wanted = [topic for topic in TOPICS if topic in topics or topic == "child_helpline"]
        code = (country or "").upper()
        if code:
            chosen = self._for_country(code, wanted, MOST, now)
            return [self._service(contact, now, headed=False) for contact in chosen]
        return [self._service(contact, now, headed=True) for contact in self._for_unknown_country(wanted, now)]

    def topics_for(self, cue_ids: Iterable[str]) -> set[str]:
        """Topics of services that go with what was heard."""
        return {topic for cue in cue_ids for topic in self.topics_by_cue.get(cue, ())}

    def emergency_number(self, country: str | None) -> str | None:
        """Inside a sentence: "999", "190 (police) or 192 (ambulance)"; with the country's name when the country is not known.

        None where none is known.
        """
        if country:
            return _spoken_numbers(self._emergency(country.upper())) or None
        home = [(code, _spoken_numbers(self._emergency(code))) for code in self.home_countries]
        named = [f"{numbers} (in {self.spoken(code)})" for code, numbers in home if numbers and numbers != "112"]
        return " or ".join([*named, "112 (elsewhere)"]) if named else None

    def emergency_digits(self, country: str | None) -> tuple[str, ...]:
        """The same as bare numbers, for a text in another language; those at home and 112 for an unknown country."""
        there = [one for code in ([country.upper()] if country else self.home_countries) for one in self._emergency(code)]
        anywhere = [] if country and there else self._emergency(WORLDWIDE)
        return tuple(dict.fromkeys(one.contact for one in [*there, *anywhere]))

    def helpline_name(self, country: str | None, now: float) -> str | None:
        """Name and number of a helpline for young people: "Childline (0800 1111)"; None where none is known."""
        for code in [country.upper()] if country else self.home_countries:
            lines = [one for one in self._of(code, "child_helpline") if one.kind == "phone"]
            lines.sort(key=lambda one: one.open_now(now) is False)
            if lines:
                where = "" if country else f", in {self.spoken(code)}"
                return f"{lines[0].name} ({lines[0].contact}{where})"
        return None

    def spoken(self, code: str) -> str:
        """A country's name inside a sentence; "that country" for one that is not in the directory."""
        known = self.countries.get(code.upper())
        return known.spoken if known else "that country"

    def overdue(self, now: float, countries: Collection[str] | None = None) -> list[Contact]:
        """Contacts that are shown and whose check is overdue; of `countries` only, when given."""
        today = datetime.fromtimestamp(now, UTC).date()
        return [one for one in self._shown if one.check_by < today and (countries is None or one.country in countries)]

    # -- choosing

    def _for_country(self, code: str, wanted: Sequence[str], most: int, now: float) -> list[Contact]:
        first = self._emergency(code) or self._emergency(WORLDWIDE)
        chosen = [*first, *self._by_topic(code, wanted, most - len(first), now)]
        if len(chosen) < most and not any("child_helpline" in one.topics for one in chosen[len(first) :]):
            chosen += [one for one in self._of(WORLDWIDE, "directory") if one not in chosen]
        return chosen[:most]

    def _for_unknown_country(self, wanted: Sequence[str], now: float) -> list[Contact]:
        anywhere = [*self._emergency(WORLDWIDE), *self._of(WORLDWIDE, "directory")[:1]]
        room = MOST_UNKNOWN_COUNTRY - len(anywhere)
        emergencies = [self._emergency(code)[:1] for code in self.home_countries]
        chosen = [contact for numbers in emergencies for contact in numbers][: max(1, room - 1)]
        picks = [iter(self._by_topic(code, wanted, room, now)) for code in self.home_countries]
        while picks and len(chosen) < room:
            for pick in list(picks):
                contact = next(pick, None)
                if contact is None:
                    picks.remove(pick)
                elif len(chosen) < room and contact not in [*chosen, *anywhere]:
                    chosen.append(contact)
        return [*chosen, *anywhere]

    def _by_topic(self, code: str, wanted: Sequence[str], most: int, now: float) -> list[Contact]:
        """One contact of each topic in turn, then a second one, until there are `most`: those who are there now first."""
        columns = [self._ranked(code, topic, now) for topic in wanted if topic != "emergency"]
        chosen: list[Contact] = []
        depth = max((len(column) for column in columns), default=0)
        for index in range(depth):
            for column in columns:
                if index < len(column) and len(chosen) < most and column[index] not in chosen:
                    chosen.append(column[index])
        return sorted(chosen, key=lambda one: min(TOPICS.index(topic) for topic in one.topics))

    def _ranked(self, code: str, topic: str, now: float) -> list[Contact]:
        names = (topic, *STAND_INS.get(topic, ()))
        found = next((column for name in names if (column := self._of(code, name))), [])
        anywhere = [] if code == WORLDWIDE else self._of(WORLDWIDE, topic)
        services: list[str] = []
        ranked: list[tuple[int, bool, int, Contact]] = []
        for contact in [*found, *anywhere]:
            again = services.count(contact.service)
            services.append(contact.service)
            ranked.append((again, contact.open_now(now) is False, len(ranked), contact))
        return [contact for _again, _closed, _place, contact in sorted(ranked, key=lambda item: item[:3])]

    def _emergency(self, code: str) -> list[Contact]:
        """Numbers for everything, or, where there is none, one for each purpose."""
        numbers = self._of(code, "emergency")
        return [one for one in numbers if not one.role and one.kind == "phone"] or [one for one in numbers if one.kind == "phone"]

    def _of(self, code: str, topic: str) -> list[Contact]:
        return [contact for contact in self._shown if contact.country == code and topic in contact.topics]

    def _service(self, contact: Contact, now: float, *, headed: bool) -> Service:
        name = f"{contact.name}, {contact.role}" if contact.role else contact.name
        if headed and contact.country in self.countries:
            name = f"{name} ({self.countries[contact.country].name})"
        way = f"{contact.keyword} to {contact.contact}" if contact.keyword else contact.contact
        country = "" if contact.country == WORLDWIDE else contact.country
        return Service(name, way, contact.kind, country, contact.hours, contact.open_now(now))


def _spoken_numbers(contacts: Sequence[Contact]) -> str:
    return " or ".join(f"{one.contact} ({one.role})" if one.role else one.contact for one in contacts)


def _host(address: str) -> str:
    return re.sub(r"^https?://(?:www\.)?", "", address).split("/", 1)[0].lower()
