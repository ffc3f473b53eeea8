"""Parks, sites and seats."""

from django.db import models
from django.db.models import F, Q

from yunju.members.models.clusters import Cluster
from yunju.members.models.members import Member


class Park(models.Model):
    """A park of the cluster: itself a member (it is paid like others) with sites."""

    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT)
    member = models.OneToOneField(Member, on_delete=models.PROTECT)
    name = models.CharField(max_length=120)

    def __str__(self) -> str:
        return self.name


class Site(models.Model):
    """A place of a park."""

    park = models.ForeignKey(Park, on_delete=models.PROTECT, related_name="sites")
    name = models.CharField(max_length=120)
    province = models.CharField(max_length=40, blank=True)
    city = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.name


class Seat(models.Model):
    """A member's tie to a park: on a site, or in the cloud (no site). One at a time per member and park."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="seats")
    park = models.ForeignKey(Park, on_delete=models.PROTECT, related_name="seats")
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "park"], condition=Q(until__isnull=True), name="seat_once"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="seat_ends_after"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} at {self.park_id}"
