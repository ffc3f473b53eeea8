"""The credit code that a list gave of an invited member."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0008_papers_trials'),
    ]

    operations = [
        migrations.AddField(
            model_name='invitation',
            name='credit_code',
            field=models.CharField(blank=True, help_text="Of the list; the payee's page offers it", max_length=20),
        ),
    ]
