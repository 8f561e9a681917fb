"""Names of months, days and halves of the day, in the three languages of the product."""

_CHINESE_DIGITS = "一二三四五六七八九十"
_CHINESE_MONTHS = (*(f"{digit}月" for digit in _CHINESE_DIGITS), "十一月", "十二月")
_CHINESE_DAYS = "一二三四五六日"

MONTHS: dict[str, tuple[str, ...]] = {
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    "zh-hans": _CHINESE_MONTHS,
    "zh-hant": _CHINESE_MONTHS,
}
DAYS: dict[str, tuple[str, ...]] = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "zh-hans": tuple(f"星期{day}" for day in _CHINESE_DAYS),
    "zh-hant": tuple(f"星期{day}" for day in _CHINESE_DAYS),
}
_SHORT_DAYS = {"zh-hans": "周", "zh-hant": "週"}
HALVES = {"en": ("AM", "PM"), "zh-hans": ("上午", "下午"), "zh-hant": ("上午", "下午")}


def short_month(language: str, month: int) -> str:
    """Gives `Feb`, or `2月` in Chinese, for a month from 1 on."""
    return MONTHS["en"][month - 1][:3] if language == "en" else f"{month}月"


def short_day(language: str, weekday: int) -> str:
    """Gives `Thu`, `周四` or `週四` for a weekday, Monday being 0."""
    return DAYS["en"][weekday][:3] if language == "en" else _SHORT_DAYS[language] + _CHINESE_DAYS[weekday]


def chinese_day(language: str, weekday: int, length: int) -> str:
    """Gives what `aaa` (`四`, in Traditional Chinese `週四`) or `aaaa` (`星期四`) writes."""
    if length == 4:
        return DAYS["zh-hans"][weekday]
    return short_day(language, weekday) if language == "zh-hant" else _CHINESE_DAYS[weekday]
