"""What leaves the house: deliveries, group robots, what a person and a cluster prefer."""

from django.db import models
from django.db.models import Q


class Delivery(models.Model):
    """One thing on its way out by one channel to one target (`user:5`, `robot:3`, `phone:<hash>`).

    waiting -> sending -> sent | failed | unknown (a kill or a silent provider: never sent twice) | dropped (too late, or
    nobody to send it to). `sealed` holds a number without account and digits, until it ended.
    """

    STATES = ("waiting", "sending", "sent", "failed", "unknown", "dropped")

    cluster_id = models.BigIntegerField()
    channel = models.CharField(max_length=6)
    target = models.CharField(max_length=80)
    user_id = models.BigIntegerField(null=True)
    member_id = models.BigIntegerField(null=True)
    robot = models.ForeignKey("Robot", null=True, on_delete=models.CASCADE, related_name="deliveries")
    post = models.ForeignKey("RobotPost", null=True, on_delete=models.SET_NULL, related_name="deliveries")
    code = models.CharField(max_length=60)
    params = models.JSONField(default=dict)
    count = models.IntegerField(default=1)
    link = models.CharField(max_length=300, blank=True)
    fold = models.CharField(max_length=80, blank=True)
    language = models.CharField(max_length=10, blank=True)
    sealed = models.BinaryField(default=bytes)
    state = models.CharField(max_length=8, default="waiting", choices=[(s, s) for s in STATES])
    tries = models.SmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)
    reference = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField()
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "notices_delivery"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "sending", "sent", "failed", "unknown", "dropped"]),
                name="delivery_state",
            ),
            models.CheckConstraint(
                condition=Q(channel__in=["sms", "robot", "email"]), name="delivery_channel"
            ),
            models.UniqueConstraint(
                fields=["cluster_id", "channel", "target", "fold"],
                condition=Q(state="waiting") & ~Q(fold=""),
                name="delivery_folds",
            ),
        ]
        indexes = [
            models.Index(fields=["channel", "due_at"], name="delivery_due", condition=Q(state="waiting")),
            models.Index(fields=["claimed_at"], name="delivery_claimed", condition=Q(state="sending")),
            models.Index(fields=["cluster_id", "-id"], name="delivery_by_cluster"),
            models.Index(fields=["target", "fold", "-ended_at"], name="delivery_last"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.code} {self.state}"


class Robot(models.Model):
    """A robot in a group of 企业微信, 钉钉 or 飞书 that tells a member's people. Address and secret are sealed."""

    KINDS = ("wecom", "dingtalk", "feishu")

    cluster_id = models.BigIntegerField()
    member_id = models.BigIntegerField()
    code = models.CharField(max_length=16, unique=True)
    kind = models.CharField(max_length=8, choices=[(k, k) for k in KINDS])
    name = models.CharField(max_length=60)
    address_cipher = models.BinaryField()
    secret_cipher = models.BinaryField(default=bytes)
    language = models.CharField(max_length=10, default="zh-hans")
    failures = models.SmallIntegerField(default=0, help_text="In a row; many pause the robot")
    error = models.CharField(max_length=200, blank=True)
    paused_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["member_id"], name="robot_of_member", condition=Q(ended_at=None))]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["wecom", "dingtalk", "feishu"]), name="robot_kind")
        ]

    def __str__(self) -> str:
        return self.name


class RobotPost(models.Model):
    """One message to a group, of one delivery or of many bundled: what the limit of 20 a minute counts."""

    robot = models.ForeignKey(Robot, on_delete=models.CASCADE, related_name="posts")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["robot", "-at"], name="post_by_robot")]

    def __str__(self) -> str:
        return f"{self.robot_id} {self.at}"


class Preference(models.Model):
    """How a person wants word outside the site. Hours are of the cluster's day; none: the cluster's own."""

    user_id = models.BigIntegerField(unique=True)
    by_sms = models.BooleanField(default=True)
    by_email = models.BooleanField(default=False)
    quiet_from = models.SmallIntegerField(null=True)
    quiet_until = models.SmallIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | Q(quiet_from__range=(0, 23), quiet_until__range=(0, 23)),
                name="preference_hours",
            )
        ]

    def __str__(self) -> str:
        return f"of {self.user_id}"


class QuietHours(models.Model):
    """A cluster's own quiet hours; without a row they are 22 to 8."""

    cluster_id = models.BigIntegerField(unique=True)
    quiet_from = models.SmallIntegerField(default=22)
    quiet_until = models.SmallIntegerField(default=8)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from__range=(0, 23), quiet_until__range=(0, 23)), name="quiet_hours"
            )
        ]

    def __str__(self) -> str:
        return f"{self.quiet_from} to {self.quiet_until}"


class ShownText(models.Model):
    """A text message that the stand-in for a provider shows instead of sending: only where things are tried out."""

    cluster_id = models.BigIntegerField()
    phone = models.CharField(max_length=20, help_text="Covered: 138****5678")
    words = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["cluster_id", "-id"], name="shown_by_cluster")]

    def __str__(self) -> str:
        return self.words[:40]
