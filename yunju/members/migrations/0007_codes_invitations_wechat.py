"""Sign-in by phone code, invitations of members, links between browsers, and what WeChat asks of a host."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('members', '0006_papers_words_visits'),
    ]

    operations = [
        migrations.CreateModel(
            name='CarryLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cluster_id', models.BigIntegerField()),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('path', models.CharField(max_length=500)),
                ('epoch', models.PositiveIntegerField(help_text="The person's epoch then: a raised one ends the link too")),
                ('made_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cluster_id', models.BigIntegerField()),
                ('code', models.CharField(max_length=16, unique=True)),
                ('turn', models.PositiveIntegerField(default=1, help_text='Raised by each new link: earlier ones are dead')),
                ('phone_cipher', models.BinaryField()),
                ('phone_index', models.BinaryField()),
                ('contact', models.CharField(blank=True, max_length=80)),
                ('way', models.CharField(default='none', max_length=6)),
                ('made_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(null=True)),
                ('expires_at', models.DateTimeField()),
                ('opened_at', models.DateTimeField(null=True)),
                ('joined_at', models.DateTimeField(null=True)),
                ('revoked_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='MemberImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cluster_id', models.BigIntegerField()),
                ('code', models.CharField(max_length=16, unique=True)),
                ('file_name', models.CharField(max_length=200)),
                ('rows', models.JSONField(default=list, help_text='Faults by row; the rows themselves are sealed')),
                ('rows_cipher', models.BinaryField(default=bytes)),
                ('capacity', models.CharField(max_length=12)),
                ('count', models.IntegerField(default=0)),
                ('faults', models.IntegerField(default=0)),
                ('made', models.IntegerField(default=0)),
                ('known', models.IntegerField(default=0)),
                ('made_at', models.DateTimeField()),
                ('taken_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='PhoneCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cluster_id', models.BigIntegerField()),
                ('purpose', models.CharField(max_length=20)),
                ('browser', models.CharField(help_text="Hash of the browser's secret that asked", max_length=64)),
                ('phone_index', models.BinaryField()),
                ('phone_cipher', models.BinaryField(default=bytes)),
                ('near', models.CharField(blank=True, help_text='The neighbourhood of the address that asked', max_length=64)),
                ('language', models.CharField(max_length=10)),
                ('digits_hash', models.CharField(blank=True, max_length=64)),
                ('tries', models.SmallIntegerField(default=0)),
                ('asked_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('told_at', models.DateTimeField(null=True)),
                ('used_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='SignIn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('session_key', models.CharField(max_length=40, unique=True)),
                ('way', models.CharField(max_length=10)),
                ('device', models.CharField(blank=True, max_length=60)),
                ('began_at', models.DateTimeField()),
                ('seen_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='VerifyFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
                ('content', models.CharField(max_length=200)),
                ('made_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='WechatSettings',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('share_host', models.CharField(blank=True, default='', max_length=200)),
            ],
        ),
        migrations.AddField(
            model_name='user',
            name='phone_verified_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name='user',
            name='email',
            field=models.EmailField(blank=True, max_length=254, null=True, unique=True),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.UniqueConstraint(condition=models.Q(('phone_verified_at__isnull', False)), fields=('phone',), name='user_phone_once'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('phone_verified_at', None), ('phone__startswith', '+'), _connector='OR'), name='user_phone_verified'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('email__isnull', False), ('phone_verified_at__isnull', False), _connector='OR'), name='user_way_in'),
        ),
        migrations.AddField(
            model_name='carrylink',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='invitation',
            name='joined_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='invitation',
            name='made_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='invitation',
            name='member',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='invitation', to='members.member'),
        ),
        migrations.AddField(
            model_name='memberimport',
            name='by_user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='phonecode',
            index=models.Index(fields=['phone_index', '-asked_at'], name='code_by_phone'),
        ),
        migrations.AddIndex(
            model_name='phonecode',
            index=models.Index(condition=models.Q(('near', ''), _negated=True), fields=['near', '-asked_at'], name='code_by_near'),
        ),
        migrations.AddIndex(
            model_name='phonecode',
            index=models.Index(fields=['cluster_id', '-asked_at'], name='code_by_cluster'),
        ),
        migrations.AddIndex(
            model_name='phonecode',
            index=models.Index(fields=['browser', 'purpose', '-id'], name='code_by_browser'),
        ),
        migrations.AddConstraint(
            model_name='phonecode',
            constraint=models.CheckConstraint(condition=models.Q(('tries__gte', 0), ('tries__lte', 5)), name='code_tries'),
        ),
        migrations.AddField(
            model_name='signin',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sign_ins', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='verifyfile',
            name='cluster',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='verify_files', to='members.cluster'),
        ),
        migrations.AddField(
            model_name='wechatsettings',
            name='cluster',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='wechat', to='members.cluster'),
        ),
        migrations.AddIndex(
            model_name='carrylink',
            index=models.Index(fields=['user', '-made_at'], name='carry_by_user'),
        ),
        migrations.AddIndex(
            model_name='invitation',
            index=models.Index(fields=['cluster_id', '-id'], name='invitation_by_cluster'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(('way__in', ['none', 'sms', 'card'])), name='invitation_way'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('joined_at', None), ('joined_by', None)), models.Q(('joined_at__isnull', False), ('joined_by__isnull', False)), _connector='OR'), name='invitation_joined'),
        ),
        migrations.AddIndex(
            model_name='memberimport',
            index=models.Index(fields=['cluster_id', '-id'], name='member_import_by_cluster'),
        ),
        migrations.AddIndex(
            model_name='signin',
            index=models.Index(fields=['user', '-seen_at'], name='sign_in_by_user'),
        ),
        migrations.AddConstraint(
            model_name='verifyfile',
            constraint=models.UniqueConstraint(models.F('cluster'), models.F('name'), name='verify_file_once'),
        ),
        migrations.AddConstraint(
            model_name='wechatsettings',
            constraint=models.UniqueConstraint(condition=models.Q(('share_host', ''), _negated=True), fields=('share_host',), name='wechat_share_host'),
        ),
    ]
