"""One index for the number of an attempt: nobody looks for its beginning."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0004_bill_sums'),
    ]

    operations = [
        migrations.AlterField(
            model_name='attempt',
            name='out_no',
            field=models.CharField(max_length=40),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.UniqueConstraint(fields=('out_no',), name='attempt_number_once'),
        ),
    ]
