"""One test over many rows of data: it names every row at fault, and costs what one test costs."""

from __future__ import annotations

from collections.abc import Callable, Collection


def of_each[T](items: Collection[T], named: Callable[[T], str]) -> Callable[[Callable[[T], None]], Callable[[], None]]:
    """Turn a check of one row into a test of all of them; a test of no row at all fails."""

    def decorate(check: Callable[[T], None]) -> Callable[[], None]:
        def test() -> None:
            assert items
            faults = []
            for item in items:
                try:
                    check(item)
                except AssertionError as error:
                    faults.append(f"{named(item)}: {error}")
            assert not faults, "\n".join(faults)

        test.__doc__ = check.__doc__
        return test

    return decorate
