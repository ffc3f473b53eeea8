from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0011_importing'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='offer',
            name='search_text',
        ),
    ]
