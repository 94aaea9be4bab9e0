"""A contract says what its module does, and what each function promises."""
import re

from source import Problem, line_of

OPENING = re.compile(r'\s*(/\*.*?\*/\s*)?#pragma once\s+(/\*.*?\*/)?', re.DOTALL)

# A function's declaration that begins a paragraph, so that no comment stands directly above it.
FUNCTION = re.compile(r'\n\n((?!static\b|typedef\b)[a-z_][\w\s*]*?\b\w+\([^;{]*\);)([^\n]*)')


def check(tree):
    for path in tree.files('include', suffixes=('.h',)):
        text = tree.text(path)
        opening = OPENING.match(text)
        if not opening or not any(opening.groups()):
            yield Problem(path, 1, 'does not begin with what it turns into what, and #pragma once')
        for function in FUNCTION.finditer(text):
            if '/*' not in function[2]:
                name = re.search(r'(\w+)\(', function[1])[1]
                yield Problem(path, line_of(text, function.start(1)), f'{name}() has no comment')
