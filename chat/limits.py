"""Every bound and rate of the product, with its unit; `CHAT_<NAME>` in the environment overrides one.

The browser is told what it has to know (hello, the page's data) and repeats none of these.
"""

import os


def _number(name: str, default: float, *, least: float, most: float) -> float:
    given = os.environ.get(f"CHAT_{name}", "").strip()
    if not given:
        return default
    try:
        value = float(given)
    except ValueError:
        value = -1
    if not least <= value <= most:
        raise ValueError(f"CHAT_{name}", f"a number from {least:g} to {most:g}", repr(given))
    return value


def _whole(name: str, default: int, *, least: int = 1, most: int = 1_000_000_000) -> int:
    value = _number(name, default, least=least, most=most)
    if value != int(value):
        raise ValueError(f"CHAT_{name}", f"a whole number from {least} to {most}", repr(value))
    return int(value)


def _seconds(name: str, default: float, *, least: float = 0.001, most: float = 86_400) -> float:
    return _number(name, default, least=least, most=most)


def _switch(name: str) -> bool:
    given = os.environ.get(f"CHAT_{name}", "").strip().lower() or "on"
    if given not in ("on", "off"):
        raise ValueError(f"CHAT_{name}", "on or off", repr(given))
    return given == "on"


# Off: no rates and no counts for a person or address (sizes stay). For benchmarks and load tests only.
RATE_LIMITS = _switch("RATE_LIMITS")

# What people type, in code points
MESSAGE_LENGTH = _whole("MESSAGE_LENGTH", 8_000, most=100_000)
MENTIONS = _whole("MENTIONS", 50, most=1_000)  # people whom one message can speak to
EMOJI_LENGTH = 32  # the longest of today have fifteen
REACTION_KINDS = _whole("REACTION_KINDS", 20, most=1_000)  # different ones under one message
REACTION_PEOPLE = _whole("REACTION_PEOPLE", 20, most=1_000)  # named with each kind; the count tells all
NAME_LENGTH = _whole("NAME_LENGTH", 40, least=8, most=60)
SLUG_LENGTH = 64  # part of the contract (chat/wire/README.md), not a choice
REF_LENGTH = 64  # a client's own mark on a request
TITLE_LENGTH = _whole("TITLE_LENGTH", 100, most=100)  # of a room
TOPIC_LENGTH = _whole("TOPIC_LENGTH", 250, most=250)
REASON_LENGTH = _whole("REASON_LENGTH", 500, most=500)  # of a report, a ban, a mute; and of a note on what was done
SEARCH_LENGTH = _whole("SEARCH_LENGTH", 100, most=1_000)  # of what is looked for in a list

PASSWORD_LENGTH = _whole("PASSWORD_LENGTH", 256, least=64, most=4_096)
PASSWORD_LEAST = _whole("PASSWORD_LEAST", 10, least=6, most=64)  # characters of a new one

# Frames and pages
FRAME_BYTES = _whole("FRAME_BYTES", 131_072, least=1_024)  # incoming, whole message
PART_BYTES = _whole("PART_BYTES", 262_144, least=16_384)  # outgoing parts of sync and history
BODY_BYTES = _whole("BODY_BYTES", 1_048_576, least=16_384)  # of an HTTP request
PAGE_MESSAGES = _whole("PAGE_MESSAGES", 50, most=100)  # at first paint, and after a reset
HISTORY_MESSAGES = _whole("HISTORY_MESSAGES", 100, most=100)  # one history request at most
SYNC_MESSAGES = _whole("SYNC_MESSAGES", 500, most=10_000)  # above it the log starts anew
FILL_MESSAGES = _whole("FILL_MESSAGES", 200, most=10_000)  # one page of the hub's gap fill
HERE_PEOPLE = _whole("HERE_PEOPLE", 200, most=1_000)  # named in one presence frame
FOUND_ROOMS = _whole("FOUND_ROOMS", 20, most=1_000)  # by a part of their names
FOUND_PEOPLE = _whole("FOUND_PEOPLE", 20, most=1_000)  # by a part of their names
SUGGESTED_ROOMS = _whole("SUGGESTED_ROOMS", 8, most=100)  # in the sidebar of those who have none of their own
SHOWN_ROOMS = _whole("SHOWN_ROOMS", 12, most=1_000)  # of one's own, on the start page; the sidebar has them all
JOINED_ROOMS = _whole("JOINED_ROOMS", 500, most=10_000)  # one person's own rooms, in one list
LIST_ROWS = _whole("LIST_ROWS", 50, most=1_000)  # one page of rooms, people, reports or the audit log
LIST_PAGES = _whole("LIST_PAGES", 1_000, most=100_000)  # how far one can turn the pages of a list

# Rates: a bucket of BURST that refills with PER_SECOND
MESSAGE_BURST = _whole("MESSAGE_BURST", 10)
MESSAGES_PER_SECOND = _number("MESSAGES_PER_SECOND", 2, least=0.01, most=1_000_000)
FRAME_BURST = _whole("FRAME_BURST", 60)
FRAMES_PER_SECOND = _number("FRAMES_PER_SECOND", 20, least=0.1, most=1_000_000)
SOCKETS_PER_PERSON = _whole("SOCKETS_PER_PERSON", 50)
SOCKETS_PER_ADDRESS = _whole("SOCKETS_PER_ADDRESS", 500)
GUEST_BURST = _whole("GUEST_BURST", 100)  # new guests from one address
GUESTS_PER_SECOND = _number("GUESTS_PER_SECOND", 0.5, least=0.0001, most=1_000_000)
ROOM_BURST = _whole("ROOM_BURST", 20)  # new rooms from one address
ROOMS_PER_SECOND = _number("ROOMS_PER_SECOND", 0.05, least=0.0001, most=1_000_000)
FLOOD_FRAMES = _whole("FLOOD_FRAMES", 200)  # refused for their rate in a row, then 4429
RENAME_BURST = _whole("RENAME_BURST", 5)
RENAMES_PER_SECOND = _number("RENAMES_PER_SECOND", 0.1, least=0.001, most=1_000)
LOOKUP_BURST = _whole("LOOKUP_BURST", 60)  # of one person: rooms and people by a part of their names
LOOKUPS_PER_SECOND = _number("LOOKUPS_PER_SECOND", 3, least=0.01, most=1_000)
VISITOR_BURST = _whole("VISITOR_BURST", 300)  # new sessions from one address, of people who only look
VISITORS_PER_SECOND = _number("VISITORS_PER_SECOND", 2, least=0.001, most=1_000_000)
SIGN_UP_BURST = _whole("SIGN_UP_BURST", 30)  # from one address
SIGN_UPS_PER_SECOND = _number("SIGN_UPS_PER_SECOND", 0.02, least=0.0001, most=1_000_000)

# Tries that failed, over all processes: so many at once, then one each time the seconds have passed
LOG_IN_TRIES = _whole("LOG_IN_TRIES", 5)  # for one name from one address; or from one browser that knows the person
LOG_IN_WAIT_SECONDS = _seconds("LOG_IN_WAIT_SECONDS", 60)
NAME_TRIES = _whole("NAME_TRIES", 50)  # for one name from anywhere
NAME_WAIT_SECONDS = _seconds("NAME_WAIT_SECONDS", 120)
ADDRESS_TRIES = _whole("ADDRESS_TRIES", 100)  # for any names from one address
ADDRESS_WAIT_SECONDS = _seconds("ADDRESS_WAIT_SECONDS", 5)
RESET_MAILS = _whole("RESET_MAILS", 3)  # to one e-mail address
RESET_MAIL_WAIT_SECONDS = _seconds("RESET_MAIL_WAIT_SECONDS", 1_200)

# Accounts
PASSWORDS_AT_ONCE = _whole("PASSWORDS_AT_ONCE", 4, most=64)  # being hashed, 19 MiB each
RENEWAL_SECONDS = _seconds("RENEWAL_SECONDS", 30 * 86_400, most=300 * 86_400)  # between two renewals of a session
CONFIRM_LINK_SECONDS = _whole("CONFIRM_LINK_SECONDS", 3 * 86_400, most=30 * 86_400)
RESET_LINK_SECONDS = _whole("RESET_LINK_SECONDS", 4 * 3_600, most=7 * 86_400)
SIGN_UP_LINK_SECONDS = _seconds("SIGN_UP_LINK_SECONDS", 7 * 86_400, most=366 * 86_400)
EVENT_SECONDS = _seconds("EVENT_SECONDS", 86_400, least=3_600)  # that events of accounts are kept
MAIL_SECONDS = _seconds("MAIL_SECONDS", 10)  # for the mail server to take one
WAITING_MAILS = _whole("WAITING_MAILS", 1_000)  # on their way to the mail server
MANAGE_BURST = _whole("MANAGE_BURST", 60)  # forms about rooms and people in them, sent by one person
MANAGES_PER_SECOND = _number("MANAGES_PER_SECOND", 1, least=0.01, most=1_000)

# Rooms and rights
EDIT_SECONDS = _whole("EDIT_SECONDS", 172_800, least=0)  # in which one may edit and delete what one has said
MESSAGE_VERSIONS = _whole("MESSAGE_VERSIONS", 20, most=1_000)  # kept of one message, the newest
SLOW_SECONDS = _whole("SLOW_SECONDS", 3_600, most=86_400)  # between two messages of one person, at most
DIRECT_PEOPLE = _whole("DIRECT_PEOPLE", 10, least=2, most=12)  # in one direct room
ROOM_RESTRICTIONS = _whole("ROOM_RESTRICTIONS", 1_000, most=100_000)  # bans and mutes in force in one room
RESTRICTION_SECONDS = _whole("RESTRICTION_SECONDS", 31_536_000)  # of a ban or mute with an end, at most
ADDRESS_BAN_SECONDS = _whole("ADDRESS_BAN_SECONDS", 604_800)  # of a ban that goes for an address, at most
ROOM_INVITATIONS = _whole("ROOM_INVITATIONS", 50, most=10_000)  # links of one room that hold at a time
INVITATION_USES = _whole("INVITATION_USES", 1_000, most=100_000)  # of one link, at most
INVITATION_SECONDS = _whole("INVITATION_SECONDS", 2_592_000)  # for which one link holds, at most
REPORTS_PER_HOUR = _whole("REPORTS_PER_HOUR", 20, most=10_000)  # by one person
PURGED_MESSAGES = _whole("PURGED_MESSAGES", 5_000, most=100_000)  # of a deleted room, in one statement

# A socket
HELLO_SECONDS = _seconds("HELLO_SECONDS", 10)  # to say hello
IDENTITY_SECONDS = _seconds("IDENTITY_SECONDS", 5)  # to learn who someone is and what the room is
TICK_SECONDS = _seconds("TICK_SECONDS", 25)
TICK_SOCKETS = _whole("TICK_SOCKETS", 200)  # that are told in one turn of the loop
WAITING_FRAMES = _whole("WAITING_FRAMES", 64)  # that came before the socket was ready for them
UNREAD_BYTES = _whole("UNREAD_BYTES", 1_000_000, least=65_536)  # of ours, waiting for one client
LITTLE_BYTES = _whole("LITTLE_BYTES", 65_536, least=1)  # unread, below which the next part of a large answer follows
STALL_SECONDS = _seconds("STALL_SECONDS", 30)  # without reading anything of a large answer
CLOSE_SECONDS = _seconds("CLOSE_SECONDS", 5)  # for a client to answer a close

# The database
DATABASE_SECONDS = _seconds("DATABASE_SECONDS", 5, most=600)  # one read or one commit
DATABASE_PEER_SECONDS = _whole("DATABASE_PEER_SECONDS", 10, least=2, most=600)  # until a lost server is known as lost
BATCH_CHANGES = _whole("BATCH_CHANGES", 500, most=5_000)  # that share one commit
PENDING_CHANGES = _whole("PENDING_CHANGES", 10_000)  # that wait for the next one
READ_THREADS = _whole("READ_THREADS", 8, most=64)
PAGE_THREADS = _whole("PAGE_THREADS", 8, most=64)  # requests that are answered at once
PAGE_RETRY_SECONDS = _whole("PAGE_RETRY_SECONDS", 5, most=3_600)  # after which to ask again for a page without database

# What the operator keeps
RETENTION_DAYS = _whole("RETENTION_DAYS", 0, least=0, most=36_500)  # that messages are kept, by `prune`; 0: for good
PRUNED_MESSAGES = _whole("PRUNED_MESSAGES", 1_000, most=100_000)  # of one room, in one transaction
BACKUP_PART_BYTES = _whole("BACKUP_PART_BYTES", 67_108_864, least=4_194_304)  # of rows, in one part of a backup
RESTORE_CACHE_BYTES = _whole("RESTORE_CACHE_BYTES", 134_217_728, least=1_048_576)  # of SQLite, during a restore
CLOCK_SECONDS = _seconds("CLOCK_SECONDS", 2)  # that the database's clock may differ before the doctor says so
DISK_BYTES = _whole("DISK_BYTES", 1_073_741_824, most=10**15)  # that have to be free
DOCTOR_SECONDS = _seconds("DOCTOR_SECONDS", 10)  # for an answer through the site's own address
RESTORE_WAIT_SECONDS = _seconds("RESTORE_WAIT_SECONDS", 30)  # for those who are writing, before a restore begins

# The hub
JOINING_SOCKETS = _whole("JOINING_SOCKETS", 100)  # in a room, from which on what is due waits for what is being saved
WRITE_SECONDS = _seconds("WRITE_SECONDS", 0.000_010, least=0)  # of a write to one socket, with some messages in it
GAP_SECONDS = _seconds("GAP_SECONDS", 0.1)  # an announcement that is merely late, by some turns of busy loops
LATE_ANNOUNCEMENTS = _whole("LATE_ANNOUNCEMENTS", 100)  # kept for a room until the gap before them is filled
POLL_SECONDS = _seconds("POLL_SECONDS", 1)
ASKED_PEOPLE = _whole("ASKED_PEOPLE", 1_000, most=10_000)  # whose rights in a room are asked again in one read
ACCOUNT_NEWS_SECONDS = _seconds("ACCOUNT_NEWS_SECONDS", 30, most=3_600)  # for which what happened is looked at again
HELD_CHANGES = _whole("HELD_CHANGES", 1_000)  # kept for sockets that are catching up
LAYER_SECONDS = _seconds("LAYER_SECONDS", 2)  # one call to the channel layer
ECHO_SECONDS = _seconds("ECHO_SECONDS", 5)  # between two words to oneself; after three unheard ones the layer is deaf
RETRY_SECONDS = _seconds("RETRY_SECONDS", 0.5)  # before a failed job of the layer starts again
OUTGOING_NEWS = _whole("OUTGOING_NEWS", 10_000)  # on their way to the other processes
CLOSING_SECONDS = _seconds("CLOSING_SECONDS", 1.5)  # over which a stopping process closes its sockets

# What was read
READ_SECONDS = _seconds("READ_SECONDS", 0.5)  # whose news share one commit
READS = _whole("READS", 1_000, most=10_000)  # of people in rooms, that share one commit
UNREAD_COUNT = _whole("UNREAD_COUNT", 100, most=1_000)  # where counting ends
UNREAD_SCANNED = _whole("UNREAD_SCANNED", 1_000, most=100_000)  # messages that one count looks at, the newest
UNREAD_BATCH_SECONDS = _seconds("UNREAD_BATCH_SECONDS", 0.25)  # between two counts of whatever changed
UNREAD_SECONDS = _seconds("UNREAD_SECONDS", 1)  # between two words about one room to one person
UNREAD_PAIRS = _whole("UNREAD_PAIRS", 1_000, most=10_000)  # of people and rooms, counted in one statement
LIST_SECONDS = _seconds("LIST_SECONDS", 60, most=3_600)  # after which people's lists of rooms are read anew

# Presence
PRESENCE_BATCH_SECONDS = _seconds("PRESENCE_BATCH_SECONDS", 0.25)
PRESENCE_BURST = _whole("PRESENCE_BURST", 3)  # frames to one page that may follow each other at once
PRESENCE_FRAME_SECONDS = _seconds("PRESENCE_FRAME_SECONDS", 1)  # between two, while people come and go all the time
PRESENCE_FRAMES_PER_SECOND = _whole("PRESENCE_FRAMES_PER_SECOND", 4_000)  # of one room; a larger one waits longer
PRESENCE_WHOLE_SECONDS = _seconds("PRESENCE_WHOLE_SECONDS", 20)
PRESENCE_FORGET_SECONDS = _seconds("PRESENCE_FORGET_SECONDS", 48)  # and up to PRESENCE_COUNT_SECONDS more
PRESENCE_COUNT_SECONDS = _seconds("PRESENCE_COUNT_SECONDS", 10)
IDLE_SECONDS = _seconds("IDLE_SECONDS", 300)  # without a sign of life in any tab of a browser

# Typing
TYPING_SECONDS = _seconds("TYPING_SECONDS", 3)  # between two frames of one person in one room
TYPING_SHOWN_SECONDS = _seconds("TYPING_SHOWN_SECONDS", 6)  # after the last one
TYPING_PEOPLE = _whole("TYPING_PEOPLE", 5, most=100)  # told of at a time: three named, one too many, the reader

# Those who watch over the process
READY_SECONDS = _seconds("READY_SECONDS", 2)  # for the database to answer whoever asks whether we are ready
READY_KEPT_SECONDS = _seconds("READY_KEPT_SECONDS", 1, least=0)  # for which its answer holds
WATCHDOG_SECONDS = _seconds("WATCHDOG_SECONDS", 15, least=0, most=3_600)  # for an event loop to stand still; 0: any
WATCH_SECONDS = _seconds("WATCH_SECONDS", 0.5, least=0.5, most=5)  # between two looks at it
BEAT_SECONDS = _seconds("BEAT_SECONDS", 0.25, most=0.25)  # between two looks at how late the event loop is
REFUSAL_LINES = _whole("REFUSAL_LINES", 20)  # in the log, of sockets that are not let in; then so many a second
REFUSAL_LINES_PER_SECOND = _number("REFUSAL_LINES_PER_SECOND", 1, least=0.001, most=1_000)
LOGGED_LENGTH = _whole("LOGGED_LENGTH", 200)  # characters of what a stranger chose, in such a line
