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


def kopecks(amount: Decimal) -> int:
    """Roubles of whole kopecks as a whole number."""
    return int(amount.quantize(KOPECK) * 100)


def shown(amount: Decimal) -> str:
    """``1234.5`` as ``1 234,50 ₽`` with no-break spaces."""
    whole, fraction = f"{amount.quantize(KOPECK):,.2f}".split(".")
    return f"{whole.replace(',', NBSP)},{fraction}{NBSP}₽"
