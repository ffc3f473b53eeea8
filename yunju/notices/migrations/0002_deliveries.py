"""What leaves the house: deliveries, robots, wishes, quiet hours."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notices', '0001_notices'),
    ]

    operations = [
        migrations.CreateModel(
            name='Preference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user_id', models.BigIntegerField(unique=True)),
                ('by_sms', models.BooleanField(default=True)),
                ('by_email', models.BooleanField(default=False)),
                ('quiet_from', models.SmallIntegerField(null=True)),
                ('quiet_until', models.SmallIntegerField(null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('quiet_from', None), ('quiet_until', None)), models.Q(('quiet_from__range', (0, 23)), ('quiet_until__range', (0, 23))), _connector='OR'), name='preference_hours')],
            },
        ),
        migrations.CreateModel(
            name='QuietHours',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cluster_id', models.BigIntegerField(unique=True)),
                ('quiet_from', models.SmallIntegerField(default=22)),
                ('quiet_until', models.SmallIntegerField(default=8)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('quiet_from__range', (0, 23)), ('quiet_until__range', (0, 23))), name='quiet_hours')],
            },
        ),
        migrations.CreateModel(
            name='Robot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cluster_id', models.BigIntegerField()),
                ('member_id', models.BigIntegerField()),
                ('code', models.CharField(max_length=16, unique=True)),
                ('kind', models.CharField(choices=[('wecom', 'wecom'), ('dingtalk', 'dingtalk'), ('feishu', 'feishu')], max_length=8)),
                ('name', models.CharField(max_length=60)),
                ('address_cipher', models.BinaryField()),
                ('secret_cipher', models.BinaryField(default=bytes)),
                ('language', models.CharField(default='zh-hans', max_length=10)),
                ('failures', models.SmallIntegerField(default=0, help_text='In a row; many pause the robot')),
                ('error', models.CharField(blank=True, max_length=200)),
                ('paused_at', models.DateTimeField(null=True)),
                ('made_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('ended_at', None)), fields=['member_id'], name='robot_of_member')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['wecom', 'dingtalk', 'feishu'])), name='robot_kind')],
            },
        ),
        migrations.CreateModel(
            name='RobotPost',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('robot', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='posts', to='notices.robot')),
            ],
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cluster_id', models.BigIntegerField()),
                ('channel', models.CharField(max_length=6)),
                ('target', models.CharField(max_length=80)),
                ('user_id', models.BigIntegerField(null=True)),
                ('member_id', models.BigIntegerField(null=True)),
                ('code', models.CharField(max_length=60)),
                ('params', models.JSONField(default=dict)),
                ('count', models.IntegerField(default=1)),
                ('link', models.CharField(blank=True, max_length=300)),
                ('fold', models.CharField(blank=True, max_length=80)),
                ('language', models.CharField(blank=True, max_length=10)),
                ('sealed', models.BinaryField(default=bytes)),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('sending', 'sending'), ('sent', 'sent'), ('failed', 'failed'), ('unknown', 'unknown'), ('dropped', 'dropped')], default='waiting', max_length=8)),
                ('tries', models.SmallIntegerField(default=0)),
                ('error', models.CharField(blank=True, max_length=200)),
                ('reference', models.CharField(blank=True, max_length=80)),
                ('at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(null=True)),
                ('claimed_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('robot', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='notices.robot')),
                ('post', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='deliveries', to='notices.robotpost')),
            ],
            options={
                'db_table': 'notices_delivery',
            },
        ),
        migrations.CreateModel(
            name='ShownText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cluster_id', models.BigIntegerField()),
                ('phone', models.CharField(help_text='Covered: 138****5678', max_length=20)),
                ('words', models.TextField()),
                ('at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['cluster_id', '-id'], name='shown_by_cluster')],
            },
        ),
        migrations.AddIndex(
            model_name='robotpost',
            index=models.Index(fields=['robot', '-at'], name='post_by_robot'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['channel', 'due_at'], name='delivery_due'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'sending')), fields=['claimed_at'], name='delivery_claimed'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['cluster_id', '-id'], name='delivery_by_cluster'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['target', 'fold', '-ended_at'], name='delivery_last'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'sending', 'sent', 'failed', 'unknown', 'dropped'])), name='delivery_state'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('channel__in', ['sms', 'robot', 'email'])), name='delivery_channel'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'waiting'), models.Q(('fold', ''), _negated=True)), fields=('cluster_id', 'channel', 'target', 'fold'), name='delivery_folds'),
        ),
    ]
