from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0006_reactions")]
    operations = [
        migrations.AddField(
            model_name="membership",
            name="read",
            field=models.BigIntegerField(null=True),
        ),
    ]
