"""Lists of the newest are read backwards, so that new rows go to the end of their index."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0009_lean_keys'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='order',
            name='order_by_supplier',
        ),
        migrations.RemoveIndex(
            model_name='purchase',
            name='purchase_by_user',
        ),
        migrations.RemoveIndex(
            model_name='share',
            name='share_by_payee',
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['cluster_id', 'supplier_id', 'fulfilment_state', 'id'], name='order_by_supplier'),
        ),
        migrations.AddIndex(
            model_name='purchase',
            index=models.Index(condition=models.Q(('user_id__isnull', False)), fields=['cluster_id', 'user_id', 'id'], name='purchase_by_user'),
        ),
        migrations.AddIndex(
            model_name='share',
            index=models.Index(fields=['cluster_id', 'payee_id', 'id'], name='share_by_payee'),
        ),
    ]
