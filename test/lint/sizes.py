"""Files that one can take in: functions are measured by clang-tidy, files here."""
from source import Problem

MOST_LINES = 600


def check(tree):
    for path in tree.c_files():
        count = len(tree.text(path).splitlines())
        if count > MOST_LINES:
            yield Problem(path, count, f'{count} lines; split before {MOST_LINES}')
