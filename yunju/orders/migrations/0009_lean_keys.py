"""Fewer keys on the hot path: one finds the shares of an order and forbids doubles; codes are looked up within a cluster."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0008_door_tries'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='share',
            name='share_once',
        ),
        migrations.RemoveIndex(
            model_name='share',
            name='share_by_order',
        ),
        migrations.AlterField(
            model_name='order',
            name='code',
            field=models.CharField(max_length=16),
        ),
        migrations.AlterField(
            model_name='purchase',
            name='code',
            field=models.CharField(max_length=16),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.UniqueConstraint(fields=('cluster_id', 'code'), name='order_code'),
        ),
        migrations.AddConstraint(
            model_name='purchase',
            constraint=models.UniqueConstraint(fields=('cluster_id', 'code'), name='purchase_code'),
        ),
        migrations.AddConstraint(
            model_name='share',
            constraint=models.UniqueConstraint(fields=('cluster_id', 'order_id', 'line_id', 'role', 'payee_id'), name='share_once'),
        ),
    ]
