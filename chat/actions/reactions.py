"""Reactions within a batch of changes: what stands under its messages, and what it adds and takes away.

Who may react is decided before, and numbers are given by the batch.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from chat import limits
from chat.actions import rows
from chat.actions.rows import Place, ReactionKey
from chat.policy import Denied
from chat.queries import reactions
from chat.queries.reactions import ReactionRow
from chat.queries.standings import PersonRow
from chat.wire import events
from chat.wire.codes import Code


@dataclass(slots=True)
class _Kind:
    count: int = 0
    people: dict[int, tuple[int, str]] = field(default_factory=dict)  # since which number, and the name; not all


class Reactions:
    """Those of some messages, as far as they can be told or changed here.

    Of each kind these are the first people, as many as can be needed, and whoever reacts in this batch.
    """

    def __init__(self, places: Collection[Place], people: Collection[int], changes: int) -> None:
        self._kinds: dict[Place, dict[str, _Kind]] = {}
        for place, found in reactions.of(places, limits.REACTION_PEOPLE + changes, people).items():
            for row in sorted(found):
                kind = self._kinds.setdefault(place, {}).setdefault(row.emoji, _Kind(row.people))
                kind.people[row.person] = row.seq, row.name
        self._added: dict[ReactionKey, int] = {}
        self._removed: set[ReactionKey] = set()
        self._cleared: set[Place] = set()

    def any(self, place: Place) -> bool:
        return bool(self._kinds.get(place))

    def has(self, place: Place, emoji: str, person: PersonRow) -> bool:
        kind = self._kinds.get(place, {}).get(emoji)
        return kind is not None and person.pk in kind.people

    def make_room(self, place: Place, emoji: str) -> None:
        """Raises Denied(forbidden) where there are enough kinds without this one."""
        kinds = self._kinds.get(place, {})
        if emoji not in kinds and len(kinds) >= limits.REACTION_KINDS:
            sentence = f"A message takes {limits.REACTION_KINDS} different reactions; choose one that is there."
            raise Denied(Code.FORBIDDEN, sentence)

    def add(self, place: Place, emoji: str, person: PersonRow, seq: int) -> None:
        kind = self._kinds.setdefault(place, {}).setdefault(emoji, _Kind())
        kind.count += 1
        kind.people[person.pk] = seq, person.display_name
        self._added[ReactionKey(*place, emoji, person.pk)] = seq

    def remove(self, place: Place, emoji: str, person: PersonRow) -> None:
        kinds = self._kinds[place]
        kinds[emoji].count -= 1
        del kinds[emoji].people[person.pk]
        if not kinds[emoji].count:
            del kinds[emoji]
        key = ReactionKey(*place, emoji, person.pk)
        if self._added.pop(key, None) is None:
            self._removed.add(key)

    def clear(self, place: Place) -> None:
        self._kinds.pop(place, None)
        self._added = {key: seq for key, seq in self._added.items() if key[:2] != place}
        self._cleared.add(place)

    def told(self, place: Place) -> list[events.Reaction]:
        return reactions.grouped(
            ReactionRow(seq, emoji, kind.count, person, name)
            for emoji, kind in self._kinds.get(place, {}).items()
            for person, (seq, name) in kind.people.items()
        )

    def write(self) -> None:
        rows.clear_reactions(self._cleared)
        rows.remove_reactions(self._removed)
        rows.insert_reactions(self._added)
