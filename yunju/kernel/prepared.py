"""Querysets whose statement is written once: Django takes longer to write one than PostgreSQL to answer it.

    @prepared(cluster_id=int, code=str)
    def _offer(cluster_id, code):
        return on_shelf(cluster_id).filter(code=code).select_related("supplier")

    rows = _offer.rows(cluster_id=1, code="GZ1")

The function is called once, with a mark in the place of each value. Whoever asks later gives the values, which take the
places of the marks in the parameters. So the function must do nothing with a value but compare with it; what decides how
the statement looks (which filters there are) cannot be a value. Rows come as from the queryset itself. Lists of numbers
are compared by the lookup `among` (`id__among=ids`): one parameter, however many there are; none finds nothing, unasked.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any, TypeVar, cast

from django.db import connections
from django.db.models import Field, Lookup, QuerySet
from django.db.models.sql.compiler import SQLCompiler

from yunju.kernel import sql
from yunju.kernel.binding import KeptText

T = TypeVar("T")
_MARKS: Mapping[type, Callable[[int], Any]] = {
    int: lambda n: -987_654_000 - n,
    str: lambda n: f"\ue000mark {n}\ue001",
    date: lambda n: date(1, 1, 1 + n),
    datetime: lambda n: datetime(1, 1, 1 + n, 1, tzinfo=UTC),
    list: lambda n: [-987_654_000 - n],
}


@Field.register_lookup
class Among(Lookup):
    """`id__among=ids`: equal to one of a list of whole numbers, sent as one array."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, given = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", (*given, sql.array(list(self.rhs)))


class Prepared:
    """A queryset with places for values. Safe among threads: what is kept is only read."""

    def __init__(self, write: Callable[..., QuerySet[Any, Any]], kinds: Mapping[str, type]) -> None:
        self._write, self._kinds = write, kinds
        self._marks = {name: _MARKS[kind](place) for place, (name, kind) in enumerate(kinds.items())}
        self.__doc__ = write.__doc__

    @cached_property
    def _written(self) -> tuple[QuerySet[Any, Any], SQLCompiler, str, tuple[Any, ...], dict[int, str]]:
        """The queryset, its compiler, the statement, its parameters, and which of them are whose."""
        queryset = self._write(**self._marks)
        compiler = queryset.query.get_compiler(queryset.db)
        text, params = compiler.as_sql()
        names = {
            str(sql.array(mark) if type(mark) is list else mark): name for name, mark in self._marks.items()
        }
        places = {place: names[str(given)] for place, given in enumerate(params) if str(given) in names}
        unused = set(self._marks) - set(places.values())
        if unused:
            raise TypeError(f"{self._write.__name__}: nothing is compared with {', '.join(sorted(unused))}")
        return queryset, compiler, KeptText(text), tuple(params), places

    def asked(self, read: Callable[[list[tuple[Any, ...]]], T], **values: Any) -> sql.Asked[T]:
        """The same as a question among others (`sql.answers`). Rows come as the driver reads them: only for a
        `values_list` whose columns need nothing of Django."""
        _queryset, _compiler, text, params, places = self._written
        return sql.Asked(text, self._values(params, places, values), read)

    def rows(self, **values: Any) -> list[Any]:
        """The rows for these values: model instances, or whatever the queryset's `values_list` yields."""
        queryset, compiler, text, params, places = self._written
        bound = self._values(params, places, values)
        if any(kind is list and not values[name] for name, kind in self._kinds.items()):
            return []
        return list(_bound(queryset, compiler, text, bound))

    def _values(
        self, params: tuple[Any, ...], places: Mapping[int, str], values: Mapping[str, Any]
    ) -> tuple[Any, ...]:
        if values.keys() != self._marks.keys():
            raise TypeError(f"{self._write.__name__} takes {', '.join(self._marks)}")
        bound = list(params)
        for place, name in places.items():
            value = values[name]
            bound[place] = sql.array(list(value)) or "{}" if self._kinds[name] is list else value
        return tuple(bound)


def _bound(
    queryset: QuerySet[Any, Any], compiler: SQLCompiler, text: str, params: tuple[Any, ...]
) -> QuerySet[Any, Any]:
    """The queryset with a compiler that has its statement already, on the connection of this thread."""
    own = _twin(
        compiler, connection=connections[queryset.db], as_sql=lambda *_args, **_kwargs: (text, params)
    )
    query = _twin(queryset.query, get_compiler=lambda *_args, **_kwargs: own)
    return cast("QuerySet[Any, Any]", _twin(queryset, _query=query))


def _twin(one: Any, **other: Any) -> Any:
    """A shallow copy with other attributes. `copy.copy` would run a queryset to copy it."""
    twin = object.__new__(type(one))
    twin.__dict__.update(one.__dict__ | other)
    return twin


def prepared(**kinds: type) -> Callable[[Callable[..., QuerySet[Any, Any]]], Prepared]:
    """The kind of each value that will be given: `int`, `str`, `date`, `datetime`, or `list` for whole numbers."""
    return lambda write: Prepared(write, kinds)
