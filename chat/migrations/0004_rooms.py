"""Private and direct rooms, who belongs to a room, what was done there.

The triggers that keep the audit log as it was written belong to its table: on SQLite a later migration that alters the
table makes it anew and has to run `protect_audit_log` again.
"""

import itertools

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

PROTECTION = {
    "postgresql": [
        """CREATE FUNCTION chat_auditentry_stays() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'the audit log is not changed'; END $$""",
        """CREATE TRIGGER chat_auditentry_stays BEFORE UPDATE OR DELETE ON chat_auditentry
        FOR EACH ROW EXECUTE FUNCTION chat_auditentry_stays()""",
    ],
    "sqlite": [
        """CREATE TRIGGER chat_auditentry_no_update BEFORE UPDATE ON chat_auditentry
        BEGIN SELECT RAISE(ABORT, 'the audit log is not changed'); END""",
        """CREATE TRIGGER chat_auditentry_no_delete BEFORE DELETE ON chat_auditentry
        BEGIN SELECT RAISE(ABORT, 'the audit log is not changed'); END""",
    ],
}
EXPOSURE = {
    "postgresql": [
        "DROP TRIGGER chat_auditentry_stays ON chat_auditentry",
        "DROP FUNCTION chat_auditentry_stays()",
    ],
    "sqlite": ["DROP TRIGGER chat_auditentry_no_update", "DROP TRIGGER chat_auditentry_no_delete"],
}


def take_the_time(apps, schema_editor):
    """The index of a long log takes longer than a statement of the site may."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET LOCAL statement_timeout = 0")


def protect_audit_log(apps, schema_editor):
    for statement in PROTECTION.get(schema_editor.connection.vendor, []):
        schema_editor.execute(statement)


def expose_audit_log(apps, schema_editor):
    for statement in EXPOSURE.get(schema_editor.connection.vendor, []):
        schema_editor.execute(statement)


def enter_slugs(apps, schema_editor):
    """The rooms that are there have each had one slug until now."""
    room, slug = apps.get_model("chat", "Room"), apps.get_model("chat", "RoomSlug")
    rows = room.objects.values_list("slug", "pk").iterator(2_000)
    while some := [slug(slug=name, room_id=key) for name, key in itertools.islice(rows, 2_000)]:
        slug.objects.bulk_create(some)


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0003_accounts"),
    ]

    operations = [
        migrations.RunPython(take_the_time, migrations.RunPython.noop),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("room", models.BigIntegerField()),
                ("room_title", models.CharField(max_length=100)),
                ("seq", models.BigIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("made", "Made"),
                            ("titled", "Titled"),
                            ("renamed", "Renamed"),
                            ("made_private", "Made Private"),
                            ("made_public", "Made Public"),
                            ("members_only", "Members Only"),
                            ("opened", "Opened"),
                            ("slowed", "Slowed"),
                            ("archived", "Archived"),
                            ("revived", "Revived"),
                            ("deleted", "Deleted"),
                            ("added", "Added"),
                            ("invited", "Invited"),
                            ("joined", "Joined"),
                            ("revoked", "Revoked"),
                            ("left", "Left"),
                            ("removed", "Removed"),
                            ("role", "Role"),
                            ("muted", "Muted"),
                            ("unmuted", "Unmuted"),
                            ("banned", "Banned"),
                            ("unbanned", "Unbanned"),
                            ("message_deleted", "Message Deleted"),
                            ("report_handled", "Report Handled"),
                        ],
                        max_length=16,
                    ),
                ),
                ("number", models.BigIntegerField(null=True)),
                ("detail", models.CharField(blank=True, max_length=600)),
                ("made_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token", models.CharField(editable=False, max_length=64, unique=True)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("uses", models.PositiveIntegerField()),
                ("used", models.PositiveIntegerField(default=0)),
                ("revoked_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("owner", "Owner"),
                            ("moderator", "Moderator"),
                            ("member", "Member"),
                            ("guest", "Guest"),
                        ],
                        default="member",
                        max_length=9,
                    ),
                ),
                ("joined_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="MessageVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.BigIntegerField()),
                ("seq", models.BigIntegerField()),
                ("text", models.TextField()),
                ("written_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.BigIntegerField()),
                ("text", models.TextField()),
                ("reason", models.CharField(max_length=500)),
                ("made_at", models.DateTimeField()),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("dismissed", "Dismissed"),
                            ("deleted", "Deleted"),
                            ("muted", "Muted"),
                            ("banned", "Banned"),
                        ],
                        max_length=9,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=500)),
                ("handled_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Restriction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("ban", "Ban"), ("mute", "Mute")], max_length=4)),
                ("address", models.CharField(blank=True, max_length=64)),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="RoomSlug",
            fields=[
                ("slug", models.CharField(max_length=64, primary_key=True, serialize=False)),
            ],
        ),
        migrations.AddField(
            model_name="room",
            name="direct_key",
            field=models.CharField(editable=False, max_length=250, null=True, unique=True),
        ),
        migrations.AddField(
            model_name="room",
            name="members_only",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="room",
            name="slow_seconds",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="user",
            name="came_from",
            field=models.CharField(blank=True, editable=False, max_length=64),
        ),
        migrations.AlterField(
            model_name="message",
            name="author",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="room",
            name="kind",
            field=models.CharField(
                choices=[("public", "Public"), ("private", "Private"), ("direct", "Direct"), ("deleted", "Deleted")],
                default="public",
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="room",
            name="title",
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["author", "room", "number"], name="message_by_author"),
        ),
        migrations.AddConstraint(
            model_name="room",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("direct_key__isnull", False), ("kind", "direct")),
                    ("kind", "deleted"),
                    models.Q(("direct_key", None), ("kind__in", ("public", "private"))),
                    _connector="OR",
                ),
                name="room_direct_key",
            ),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="actor",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="person",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="made_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="room",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="invitations", to="chat.room"
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="memberships", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="room",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="memberships", to="chat.room"
            ),
        ),
        migrations.AddField(
            model_name="messageversion",
            name="room",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="chat.room"
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="author",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="handled_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="reporter",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="room",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="reports", to="chat.room"
            ),
        ),
        migrations.AddField(
            model_name="restriction",
            name="made_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="restriction",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="restriction",
            name="room",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="restrictions", to="chat.room"
            ),
        ),
        migrations.AddField(
            model_name="roomslug",
            name="room",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="slugs", to="chat.room"
            ),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["room", "id"], name="audit_by_room"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["room", "person", "id"], name="audit_by_person"),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("used__lte", models.F("uses"))), name="invitation_uses"
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(fields=("room", "person"), name="membership_once"),
        ),
        migrations.AddConstraint(
            model_name="messageversion",
            constraint=models.UniqueConstraint(fields=("room", "number", "seq"), name="message_version_once"),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(fields=["reporter", "made_at"], name="report_by_reporter"),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.UniqueConstraint(fields=("reporter", "room", "number"), name="report_once"),
        ),
        migrations.AddIndex(
            model_name="restriction",
            index=models.Index(
                condition=models.Q(("address", ""), _negated=True),
                fields=["room", "address"],
                name="restriction_by_address",
            ),
        ),
        migrations.AddConstraint(
            model_name="restriction",
            constraint=models.UniqueConstraint(fields=("room", "person", "kind"), name="restriction_once"),
        ),
        migrations.AddConstraint(
            model_name="restriction",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "ban"), ("expires_at__isnull", False), _connector="OR"),
                name="restriction_mute_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="restriction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("address", ""), models.Q(("expires_at__isnull", False), ("kind", "ban")), _connector="OR"
                ),
                name="restriction_address_ends",
            ),
        ),
        migrations.RunPython(enter_slugs, migrations.RunPython.noop),
        migrations.RunPython(protect_audit_log, expose_audit_log),
    ]
