"""When a number was changed, and from when on a first password counts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0009_invitation_credit_code")]

    operations = [
        migrations.AddField(
            model_name="user", name="phone_changed_at", field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddField(
            model_name="user",
            name="password_ripens_at",
            field=models.DateTimeField(
                blank=True,
                help_text="A first password set with a code alone wakes no powers before",
                null=True,
            ),
        ),
    ]
