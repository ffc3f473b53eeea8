"""The two database roles as SQL: for the embedded server, and printed by `yunju db roles` for a foreign one.

The owner owns the database and migrates. The application role owns nothing: it may read and write rows, and the
ledger's migrations take from it again what must never be rewritten.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Roles:
    """Names of the two roles and their database. They are plain identifiers and need no quotes in SQL."""

    owner: str = "yunju_owner"
    app: str = "yunju_app"
    database: str = "yunju"


def quoted(text: str) -> str:
    """As an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def create_roles(roles: Roles, *, owner_password: str, app_password: str) -> list[str]:
    """Statements for the server; each may answer that the role exists already."""
    limits = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
    return [
        f"CREATE ROLE {roles.owner} {limits} PASSWORD {quoted(owner_password)}",
        f"CREATE ROLE {roles.app} {limits} PASSWORD {quoted(app_password)}",
    ]


def create_database(roles: Roles) -> list[str]:
    """Who is no superuser must belong to the owner's role before handing it a database."""
    return [
        f"GRANT {roles.owner} TO CURRENT_USER",
        f"CREATE DATABASE {roles.database} OWNER {roles.owner} ENCODING 'UTF8' TEMPLATE template0",
    ]


def grants(roles: Roles) -> list[str]:
    """Statements inside the database; running them again changes nothing. Before the first migration."""
    by_owner = f"ALTER DEFAULT PRIVILEGES FOR ROLE {roles.owner} IN SCHEMA public"
    return [
        f"REVOKE ALL ON DATABASE {roles.database} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {roles.database} TO {roles.app}",
        f"ALTER DATABASE {roles.database} SET jit = off",
        f"ALTER SCHEMA public OWNER TO {roles.owner}",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA public TO {roles.app}",
        f"{by_owner} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {roles.app}",
        f"{by_owner} GRANT USAGE ON SEQUENCES TO {roles.app}",
    ]


def script(roles: Roles) -> str:
    """For psql on a server of your own, as a superuser or a role with CREATEROLE and CREATEDB."""
    blank = "CHANGE-ME"
    server = create_roles(roles, owner_password=f"{blank}-owner", app_password=f"{blank}-app")
    return "\n".join(
        [
            "-- Yunju: two roles and a database. PostgreSQL 15 to 18. Change both passwords.",
            *(f"{statement};" for statement in server + create_database(roles)),
            f"\\connect {roles.database}",
            *(f"{statement};" for statement in grants(roles)),
            "-- Then set, for every part of Yunju:",
            f"--   DATABASE_URL=postgresql://{roles.app}:PASSWORD@HOST:5432/{roles.database}",
            "-- and only for `yunju migrate` and `yunju up`:",
            f"--   DATABASE_OWNER_URL=postgresql://{roles.owner}:PASSWORD@HOST:5432/{roles.database}",
        ]
    )
