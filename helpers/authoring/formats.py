"""How a claim is written: what turns a value into text."""


def percent(value: float, digits: int = 1) -> str:
    """Format a fraction as a percentage.

    Example:
        >>> percent(0.937)
        '93.7 %'
    """
    return f"{100 * value:z.{digits}f} %"


def points(value: float, digits: int = 1) -> str:
    """Format a difference of fractions in percentage points.

    Example:
        >>> points(0.021), points(-0.0001)
        ('2.1 points', '0.0 points')
    """
    return f"{100 * value:z.{digits}f} points"


def times(value: float, digits: int = 1) -> str:
    """Format a ratio.

    Example:
        >>> times(3.21)
        '3.2 times'
    """
    return f"{value:.{digits}f} times"


def number(value: float, digits: int = 0) -> str:
    """Format a number, with a comma after each three digits.

    Example:
        >>> number(464224)
        '464,224'
    """
    return f"{value:z,.{digits}f}"
