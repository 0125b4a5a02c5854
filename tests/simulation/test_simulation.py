"""Seeded schedules of everything that can go wrong between two processes; hypothesis shrinks those that fail.

SIMULATION_SCHEDULES sets how many (1,000; by hand 100,000). README.md in tests/chaos tells what this is for.
"""

import asyncio
import logging
import os
import random

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from chat import limits, policy
from chat.realtime import accounts
from tests.simulation.clock import VirtualLoop
from tests.simulation.people import OBEYED_SECONDS, PlainPerson, RichPerson
from tests.simulation.world import Database, Network, Process

SCHEDULES = int(os.environ.get("SIMULATION_SCHEDULES", "1000"))

one_of_two = st.integers(0, 1)


class Chat(RuleBasedStateMachine):
    @initialize(seed=st.integers(0, 2**32))
    def begin(self, seed: int) -> None:
        self.loop = VirtualLoop()
        asyncio.set_event_loop(self.loop)
        chance = random.Random(seed)
        self.database, self.network, self.chance = Database(chance), Network(chance), chance
        self.processes = self._do(self._start_two)
        names = [(RichPerson, "ana"), (RichPerson, "bo"), (RichPerson, "cy"), (PlainPerson, "dee")]
        everybody = [kind(key, name, self.database) for key, (kind, name) in enumerate(names, start=1)]
        self.rich, self.plain = everybody[:3], everybody[3:]
        self._do(self._connect_all)

    def _do(self, action, *args):
        async def acting():
            return action(*args)

        return self.loop.run_until_complete(acting())

    def _start_two(self):
        return [Process(self.database, self.network, self.chance) for _ in range(2)]

    def _connect_all(self):
        for person in [*self.rich, *self.plain]:
            if person.away:
                person.connect(self.chance.choice(self.processes))

    # What may happen

    @rule(who=st.integers(0, 2))
    def say(self, who: int) -> None:
        self._do(self.rich[who].say)

    @rule(who=st.integers(0, 2), times=st.integers(2, 12))
    def say_much(self, who: int, times: int) -> None:
        for _ in range(times):
            self._do(self.rich[who].say)

    @rule(who=st.integers(0, 2))
    def reply(self, who: int) -> None:
        self._do(self.rich[who].reply)

    @rule(who=st.integers(0, 2), add=st.booleans())
    def react(self, who: int, add: bool) -> None:
        self._do(lambda: self.rich[who].react(add=add))

    @rule()
    def say_plainly(self) -> None:
        self._do(self.plain[0].say)

    @rule(who=st.integers(0, 2))
    def edit(self, who: int) -> None:
        self._do(self.rich[who].edit)

    @rule(who=st.integers(0, 2), seconds=st.sampled_from([0.004, 0.01, 0.02]))
    def say_and_change_it_at_once(self, who: int, seconds: float) -> None:
        self._do(self.rich[who].say)
        self.loop.run_until_complete(asyncio.sleep(seconds))
        self._do(self.rich[who].edit)

    @rule(who=st.integers(0, 2))
    def delete(self, who: int) -> None:
        self._do(self.rich[who].delete)

    @rule(who=st.integers(0, 2))
    def repeat(self, who: int) -> None:
        self._do(self.rich[who].repeat)

    @rule(who=st.integers(0, 3))
    def lose_connection(self, who: int) -> None:
        self._do([*self.rich, *self.plain][who].lose)

    @rule()
    def come_back(self) -> None:
        self._do(self._connect_all)

    @rule(who=st.integers(0, 2))
    def greet_again(self, who: int) -> None:
        self._do(self.rich[who].greet)

    @rule(who=st.integers(0, 3), which=one_of_two, announced=st.booleans())
    def remove(self, who: int, which: int, announced: bool) -> None:
        self._act(which, self.database.remove, who + 1, announced=announced)

    @rule(who=st.integers(0, 3), which=one_of_two, announced=st.booleans())
    def let_in(self, who: int, which: int, announced: bool) -> None:
        self._act(which, self.database.let_in, who + 1, announced=announced)

    @rule(which=one_of_two, announced=st.booleans())
    def entitle(self, which: int, announced: bool) -> None:
        self._act(which, self.database.entitle, announced=announced)

    @rule(who=st.integers(0, 3), which=one_of_two, announced=st.booleans())
    def log_out(self, who: int, which: int, announced: bool) -> None:
        self._act(which, self.database.log_out, [*self.rich, *self.plain][who].session, announced=announced)

    @rule(who=st.integers(0, 3), which=one_of_two, announced=st.booleans())
    def change_the_password_elsewhere(self, who: int, which: int, announced: bool) -> None:
        person = [*self.rich, *self.plain][who]
        self.database.sessions[f"{person.name}-elsewhere"] = person.key
        self._act(which, self.database.change_password, f"{person.name}-elsewhere", announced=announced)

    def _act(self, which, deed, *about, announced):
        self._do(lambda: self.processes[which].act(deed, *about, announced=announced))

    @rule(which=one_of_two)
    def kill_process(self, which: int) -> None:
        self._do(self.processes[which].kill)
        self._do(self._restart, which)

    def _restart(self, which: int) -> None:
        self.processes[which] = Process(self.database, self.network, self.chance)

    @rule()
    def database_goes_away(self) -> None:
        self.database.away = True

    @rule()
    def database_comes_back(self) -> None:
        self._do(self.database.come_back)

    @rule(seconds=st.sampled_from([0.0, 0.001, 0.003, 0.02, 0.1, 1.1]))
    def time_passes(self, seconds: float) -> None:
        self.loop.run_until_complete(asyncio.sleep(seconds))

    # The end: when all is well again, everybody has everything

    def teardown(self) -> None:
        if not hasattr(self, "loop"):
            return
        try:
            wrong = self._overstay()
            self._calm()
            wrong += [what for person in [*self.rich, *self.plain] for what in person.compare(self.database.rows)]
            wrong += [what for person in self.rich for what in self._broken_promises(person)]
            assert not wrong, "\n".join(wrong)
        finally:
            for process in self.processes:
                self._do(process.kill)
            for task in asyncio.all_tasks(self.loop):
                task.cancel()
            self.loop.run_until_complete(asyncio.sleep(0))
            asyncio.set_event_loop(None)
            self.loop.close()

    def _overstay(self) -> list[str]:
        """Who is out, or logged out, is gone by the time that is promised, whatever the network does."""
        self._do(self.database.come_back)
        self.loop.run_until_complete(asyncio.sleep(OBEYED_SECONDS))
        return [what for person in [*self.rich, *self.plain] for what in person.overstays()]

    def _calm(self) -> None:
        self.network.bad = False
        for person in [*self.rich, *self.plain]:
            self._act(0, self.database.let_in, person.key, announced=False)
        for _ in range(200):
            self._do(self._connect_all)
            for person in self.rich:
                self._do(person.repeat)
            self.loop.run_until_complete(asyncio.sleep(0.5))
            if all(person.quiet and not person.away for person in self.rich):
                break
        self.loop.run_until_complete(asyncio.sleep(1.5))  # the bound for a lost last announcement

    def _broken_promises(self, person: RichPerson) -> list[str]:
        rows = self.database.rows
        acked = [f"{once} is not {number}" for once, number in person.acked.items() if rows[number].client_id != once]
        last = dict(person.done).items()
        done = [
            f"{number} is not {text!r}"
            for number, text in last
            if rows[number].message != text and (number, rows[number].message) not in person.in_doubt
        ]
        return acked + done + ([] if person.quiet else [f"{person.name} still waits"])


def test_nothing_is_lost_doubled_reordered_or_leaked_in_any_schedule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "RATE_LIMITS", False)
    monkeypatch.setattr(limits, "FILL_MESSAGES", 5)
    monkeypatch.setattr(limits, "SYNC_MESSAGES", 8)
    monkeypatch.setattr(limits, "HELD_CHANGES", 6)
    monkeypatch.setattr(policy, "visible", lambda viewer: viewer)  # what it means is played by the database
    monkeypatch.setattr(accounts, "monotonic", lambda: asyncio.get_running_loop().time())
    logging.disable(logging.ERROR)
    try:
        run_state_machine_as_test(
            Chat,
            settings=settings(
                max_examples=SCHEDULES, stateful_step_count=30, deadline=None, print_blob=True,
                suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate, Phase.shrink],
            ),
        )  # fmt: skip
    finally:
        logging.disable(logging.NOTSET)
