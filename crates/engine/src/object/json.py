# How the engine reads and writes JSON (RFC 8259): strictly.
import json
from math import isinf


def constant(name):
    raise ValueError(name + " is no JSON value")


def real(text):
    number = float(text)
    if isinf(number):
        raise OverflowError("the number " + text + " does not fit into a float")
    return number


decode = json.JSONDecoder(parse_constant=constant, parse_float=real).decode
encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
