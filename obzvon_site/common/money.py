"""Roubles as Decimal: read what people and the service write, show what people read."""

from decimal import Decimal, InvalidOperation

KOPECK = Decimal("0.01")
NBSP = "\u00a0"


def roubles(text: str | float | Decimal) -> Decimal:
    """Read ``2.50``, ``"2,50"`` or ``"1 234,56"``. Raises ValueError."""
    cleaned = str(text).replace(" ", "").replace(NBSP, "").replace(",", ".")
    try:
        amount = Decimal(cleaned)
    except InvalidOperation as error:
        raise ValueError(f"not an amount of money: {text!r}") from error
    if not amount.is_finite():
        raise ValueError(f"not an amount of money: {text!r}")
    return amount


def summed(amount: Decimal | None) -> Decimal:
    """A sum from the database, to the kopeck: None is nothing, and SQLite adds fractions up."""
    return (amount or Decimal(0)).quantize(KOPECK)


def kopecks(amount: Decimal) -> int:
    """Roubles of whole kopecks as a whole number."""
    return int(amount.quantize(KOPECK) * 100)


def shown(amount: Decimal) -> str:
    """``1234.5`` as ``1 234,50 ₽`` with no-break spaces."""
    whole, fraction = f"{amount.quantize(KOPECK):,.2f}".split(".")
    return f"{whole.replace(',', NBSP)},{fraction}{NBSP}₽"


def roughly(amount: Decimal) -> str:
    """``6123.45`` as ``6 100 ₽``: two figures; under a hundred roubles to the kopeck."""
    if amount < 100:
        return shown(amount)
    figures = len(str(int(amount)))
    step = Decimal(10) ** max(figures - 2, 0)
    whole = int((amount / step).quantize(Decimal(1)) * step)
    return f"{whole:,}".replace(",", NBSP) + f"{NBSP}₽"
