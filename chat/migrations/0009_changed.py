from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0008_room_lists")]
    accepted = {
        "AddIndex message_changed": (
            "a look through the messages, of which it holds those that were changed: a second for a million. The older"
            " version finds what it asks for by reading the room, for as long as the update takes"
        ),
    }
    operations = [
        migrations.AddIndex(
            "message",
            models.Index(
                fields=("room", "seq"), name="message_changed", condition=models.Q(seq__gt=models.F("number"))
            ),
        ),
        migrations.RemoveIndex("message", "message_by_change"),
    ]
