"""Log-ins and address books."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from yunju.kernel import clock


class UserManager(BaseUserManager["User"]):
    """Makes users; `create_superuser` is Django's own door for the back office."""

    def create_user(self, email: str | None, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email and email.strip().lower(), joined_at=clock.now(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A login, by e-mail and password, by a code to the phone, or both. It acts for members through roles;
    `session_epoch` ends its sessions when it is raised. Only a phone that was shown to be the person's signs in.
    """

    email = models.EmailField(unique=True, null=True, blank=True)
    name = models.CharField(max_length=80, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    phone_verified_at = models.DateTimeField(null=True, blank=True)
    language = models.CharField(max_length=10, default="zh-hans")
    phone_changed_at = models.DateTimeField(null=True, blank=True)
    password_ripens_at = models.DateTimeField(
        null=True, blank=True, help_text="A first password set with a code alone wakes no powers before"
    )
    session_epoch = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    joined_at = models.DateTimeField()

    objects = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_lower"),
            models.UniqueConstraint(
                fields=["phone"], condition=Q(phone_verified_at__isnull=False), name="user_phone_once"
            ),
            models.CheckConstraint(
                condition=Q(phone_verified_at=None) | Q(phone__startswith="+"), name="user_phone_verified"
            ),
            models.CheckConstraint(
                condition=Q(email__isnull=False) | Q(phone_verified_at__isnull=False), name="user_way_in"
            ),
        ]

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session must repeat to stay signed in: password and epoch. A raised epoch ends all sessions at once.

        Django's own has the password only; it calls this for the present secret and for every fallback.
        """
        salt = "yunju.members.User.session"
        value = f"{self.session_epoch}:{self.password}"
        return salted_hmac(salt, value, secret=secret, algorithm="sha256").hexdigest()

    @property
    def shown(self) -> str:
        """What the person is called on a page: name, address, or the ends of the phone number."""
        return self.name or self.email or f"{self.phone[-11:-8]}****{self.phone[-4:]}"

    def __str__(self) -> str:
        return self.email or f"user {self.pk}"


class Address(models.Model):
    """A buyer's address book, with the person's own account."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="addresses")
    name = models.CharField(max_length=60)
    phone = models.CharField(max_length=20)
    province = models.CharField(max_length=40)
    city = models.CharField(max_length=40)
    district = models.CharField(max_length=40, blank=True)
    street = models.CharField(max_length=200)

    def __str__(self) -> str:
        return f"{self.city} {self.street}"
