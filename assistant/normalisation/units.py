"""Units of measure by their symbols, with their English and Chinese names."""

from __future__ import annotations

from typing import NamedTuple


class Unit(NamedTuple):
    """The names of a unit."""

    one: str  # English, after 1
    many: str  # English, after any other number
    chinese: str


def _unit(names: str) -> Unit:
    """`metre,米` or, where the plural is no `s`, `foot/feet,英尺`."""
    english, chinese = names.split(",")
    one, _, many = english.partition("/")
    return Unit(one, many or f"{one}s", chinese)


_WRITTEN = {
    "km": "kilometre,公里", "m": "metre,米", "cm": "centimetre,厘米", "mm": "millimetre,毫米",
    "μm": "micrometre,微米", "nm": "nanometre,纳米", "mi": "mile,英里", "ft": "foot/feet,英尺",
    "in": "inch/inches,英寸", "yd": "yard,码",
    "km²": "square kilometre,平方公里", "m²": "square metre,平方米",
    "cm²": "square centimetre,平方厘米", "mm²": "square millimetre,平方毫米",
    "m³": "cubic metre,立方米", "cm³": "cubic centimetre,立方厘米",
    "sq ft": "square foot/square feet,平方英尺", "sq m": "square metre,平方米",
    "ha": "hectare,公顷",
    "kg": "kilogram,公斤", "g": "gram,克", "mg": "milligram,毫克", "μg": "microgram,微克",
    "mcg": "microgram,微克", "t": "tonne,吨", "lb": "pound,磅", "lbs": "pound,磅",
    "oz": "ounce,盎司",
    "ml": "millilitre,毫升", "mL": "millilitre,毫升", "cl": "centilitre,厘升",
    "dl": "decilitre,分升", "dL": "decilitre,分升", "l": "litre,升", "L": "litre,升",
    "gal": "gallon,加仑", "fl oz": "fluid ounce,液盎司", "tbsp": "tablespoon,汤匙",
    "tsp": "teaspoon,茶匙",
    "kB": "kilobyte,千字节", "KB": "kilobyte,千字节", "MB": "megabyte,兆字节",
    "GB": "gigabyte,吉字节", "TB": "terabyte,太字节", "kbps": "kilobit per second,千比特每秒",
    "Mbps": "megabit per second,兆比特每秒", "Gbps": "gigabit per second,吉比特每秒",
    "W": "watt,瓦", "kW": "kilowatt,千瓦", "MW": "megawatt,兆瓦", "Wh": "watt hour,瓦时",
    "kWh": "kilowatt hour,千瓦时", "V": "volt,伏", "kV": "kilovolt,千伏", "mA": "milliamp,毫安",
    "mAh": "milliamp hour,毫安时", "Ω": "ohm,欧姆",
    "Hz": "hertz/hertz,赫兹", "kHz": "kilohertz/kilohertz,千赫兹",
    "MHz": "megahertz/megahertz,兆赫兹", "GHz": "gigahertz/gigahertz,吉赫兹",
    "ms": "millisecond,毫秒", "s": "second,秒", "sec": "second,秒", "secs": "second,秒",
    "min": "minute,分钟", "mins": "minute,分钟", "h": "hour,小时", "hr": "hour,小时",
    "hrs": "hour,小时",
    "kcal": "kilocalorie,千卡", "cal": "calorie,卡", "kJ": "kilojoule,千焦", "J": "joule,焦耳",
    "N": "newton,牛顿", "Pa": "pascal,帕", "kPa": "kilopascal,千帕", "hPa": "hectopascal,百帕",
    "MPa": "megapascal,兆帕", "bar": "bar,巴",
    "psi": "pound per square inch,磅每平方英寸",
    "mmHg": "millimetre of mercury/millimetres of mercury,毫米汞柱", "mmol": "millimole,毫摩尔",
    "dB": "decibel,分贝", "bpm": "beat per minute,次每分钟",
    "rpm": "revolution per minute,转每分钟", "fps": "frame per second,帧每秒",
    "dpi": "dot per inch,点每英寸", "ppm": "part per million/parts per million,ppm",
    "km/h": "kilometre per hour,公里每小时", "kph": "kilometre per hour,公里每小时",
    "mph": "mile per hour,英里每小时", "m/s": "metre per second,米每秒",
    "m/s²": "metre per second squared,米每二次方秒",
    "°C": "degree Celsius/degrees Celsius,摄氏度",
    "°F": "degree Fahrenheit/degrees Fahrenheit,华氏度", "°": "degree,度",
    "px": "pixel,像素",
}  # fmt: skip

_PER = " per "


def _plural(unit: Unit) -> Unit:
    """`kilometre per hours` is `kilometres per hour`."""
    head, per, tail = unit.one.partition(_PER)
    return Unit(unit.one, f"{head}s{per}{tail}", unit.chinese) if per else unit


UNITS = {
    symbol: _unit(names) if "/" in names.split(",")[0] else _plural(_unit(names))
    for symbol, names in _WRITTEN.items()
}
UNITS |= {symbol.replace("μ", "µ"): unit for symbol, unit in UNITS.items() if "μ" in symbol}
UNITS |= {symbol[:-1] + "2": UNITS[symbol] for symbol in ("km²", "m²", "cm²", "mm²")}
UNITS |= {symbol[:-1] + "3": UNITS[symbol] for symbol in ("m³", "cm³")}
