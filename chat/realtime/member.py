"""What one may say once one is in a room: each command goes to whoever it concerns, and its answer comes back."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from chat.actions.messages import Delete, Done, Edit, Item, Outcome, Post, Posted, React, Through
from chat.realtime import entrance, rights
from chat.realtime.arrival import Arrival
from chat.realtime.seat import NOT_LET_IN, Command, State
from chat.text import ids
from chat.wire import codec, commands, events
from chat.wire.codec import Dialect
from chat.wire.codes import ChatError, Code


class Member(Arrival):
    __slots__ = ()

    def _handle(self, command: Command) -> None:
        match command:
            case commands.Send(client_id=client_id, message=text, reply_to=reply_to):
                self._post(codec.message_text(text), codec.client_uuid(client_id), client_id, reply_to)
            case commands.Hello():
                self._stop_waiting()
                self._move(State.ENTERING)
                self._do(self._enter_rich(command))
            case commands.Edit(ref=ref, id=number, message=text):
                self._change(ref, partial(Edit, number=number, text=codec.message_text(text)))
            case commands.Delete(ref=ref, id=number):
                self._change(ref, partial(Delete, number=number))
            case commands.React(ref=ref, id=number, emoji=emoji, op=op):
                self._change(ref, partial(React, number=number, emoji=codec.reaction(emoji), add=op == "add"))
            case commands.PlainSend(message=text):
                self._post_plain(codec.message_text(text))
            case commands.History():
                self._read_history(command)
            case commands.Presence(state=state):
                self._node.idle(self._room, self, self._user, state == "idle")
            case commands.Typing():
                if rights.may(self.told, "send"):
                    self._node.write(self._room, self._user)
            case commands.Read(id=number, back=back):
                assert self._room is not None
                assert self._user is not None
                self._node.read(self._room, self, self._user, number, back=back)

    def _post(self, text: str, once: UUID, client_id: str, reply_to: int | None = None) -> None:
        room, author, through = self._whence()
        item = Post(room, author, once, text, through, reply_to)
        self._node.writer.commit(item, partial(self._posted, client_id))

    def _change(self, ref: str, item: Callable[..., Item]) -> None:
        room, author, through = self._whence()
        self._node.writer.commit(item(room=room, author=author, through=through), partial(self._changed, ref))

    def _whence(self) -> tuple[int, int, Through | None]:
        """Room and author of a change that one makes here, and the session it comes through. Raises ChatError."""
        assert self._user is not None
        assert self._room is not None
        wait = self._node.message_rates.take(self._user.pk)
        if wait:
            raise ChatError(Code.RATE_LIMITED, "You are sending too fast; wait a moment.", retry_after=wait)
        through = Through(self.tie, self._user.sessions_ended) if self.tie else None
        return self._room.pk, self._user.pk, through

    def _changed(self, ref: str, outcome: Outcome) -> None:
        if isinstance(outcome, ChatError):
            self.refuse(outcome, ref=ref)
        elif isinstance(outcome, Done):
            self.put(codec.encode(events.Done(ref, outcome.seq)))

    def _posted(self, client_id: str, outcome: Outcome) -> None:
        rich = self.dialect is Dialect.RICH
        if isinstance(outcome, ChatError):
            self.refuse(outcome, **({"client_id": client_id} if rich else {}))
        elif isinstance(outcome, Posted) and rich:
            self.put(codec.encode(events.Ack(client_id, outcome.number)))

    def _post_plain(self, text: str) -> None:
        once = ids.uuid7()
        if self._user is not None:
            self._post(text, once, "")
            return
        self._move(State.ENTERING)
        self._do(self._become_someone(text, once))

    async def _become_someone(self, text: str, once: UUID) -> None:
        assert self._room is not None
        try:
            self._user = await self._node.readers.run(
                entrance.make_guest, self._newcomers, self._key, self._wished_name
            )
        except ChatError as refusal:
            if refusal.code in NOT_LET_IN:
                raise
            self.refuse(refusal)
            return
        self._node.arrived(self._room, self, self._user)
        self._post(text, once, "")

    def _read_history(self, asked: commands.History) -> None:
        if self._reading_history:
            raise ChatError(Code.RATE_LIMITED, "One page of history at a time.", retry_after=0.5)
        self._reading_history = True
        self._do(self._tell_page(asked), enters=False)

    async def _tell_page(self, asked: commands.History) -> None:
        assert self._room is not None
        try:
            self.put(await self._node.readers.run(entrance.history, self._user, self._room.pk, asked))
        except ChatError as refusal:
            self.refuse(refusal, ref=asked.ref)
        finally:
            self._reading_history = False
