from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0007_reading")]
    operations = [
        *(
            migrations.AddField("membership", name, models.BooleanField(default=False, db_default=False))
            for name in ("starred", "muted", "hidden")
        ),
        migrations.AddField("membership", "place", models.PositiveIntegerField(null=True)),
        migrations.AddField(
            "membership",
            "notify",
            models.CharField(
                max_length=8,
                choices=[
                    ("", "as in other rooms"),
                    ("all", "All"),
                    ("mentions", "Mentions"),
                    ("nothing", "Nothing"),
                ],
                blank=True,
                default="",
                db_default="",
            ),
        ),
        migrations.AddField(
            "user", "rooms_by_hand", models.BooleanField(default=False, db_default=False, editable=False)
        ),
    ]
