"""Begins the first life of the log."""

import secrets

from django.db import migrations


def begin(apps, schema_editor):
    epoch = apps.get_model("chat", "Epoch")
    if not epoch.objects.exists():
        epoch.objects.create(key=secrets.token_hex(4))


class Migration(migrations.Migration):
    dependencies = [("chat", "0001_initial")]
    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
