"""The calls of the benchmark made by Python code itself, with constants as arguments."""


def nothing(f, count):
    for _ in range(count):
        f()


def add(f, count):
    for _ in range(count):
        f(40, 7)


def add_big(f, count):
    for _ in range(count):
        f(1000, 100000)


def add_reals(f, count):
    for _ in range(count):
        f(40.5, 0.25)


def text(f, count):
    for _ in range(count):
        f("The quick brown fox jumps over 1")
