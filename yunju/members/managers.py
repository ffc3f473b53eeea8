"""How logins are made: e-mail in lower case, password hashed, the clock injected."""

from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import BaseUserManager

from yunju.kernel import clock

if TYPE_CHECKING:
    from yunju.members.models import User


class UserManager(BaseUserManager["User"]):
    """Makes users; `create_superuser` is Django's own door for the back office."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), joined_at=clock.now(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)
