"""Files are named by what they hold; in headers, times carry their unit."""
import pathlib
import re

from source import Problem, line_of

EMPTY_NAMES = re.compile(r'(^|_)(utils?|misc|commons?|helpers?)(_|$)')

# A number that is a time by its name: `uint64_t timeout` but not `uint64_t timeout_count`.
TIME = re.compile(
    r'\b(?:u?int(?:32|64)_t|double|long|int|size_t)\s+'
    r'((?:\w+_)?(?:timeout|delay|duration|interval|deadline|elapsed|latency|lag|now|due))\b(?!\s*\()')


def check(tree):
    for path in tree.files('src', 'include', 'test'):
        for part in pathlib.PurePath(path).with_suffix('').parts:
            if EMPTY_NAMES.search(part):
                yield Problem(path, 1, f"'{part}' says nothing; name the file by what it holds")
    for path in tree.files('src', 'include', suffixes=('.h',)):
        code = tree.code(path)
        for match in TIME.finditer(code):
            yield Problem(path, line_of(code, match.start(1)),
                          f"'{match[1]}' lacks its unit: _ns, or _ms, _us, _s where a library wants it")
