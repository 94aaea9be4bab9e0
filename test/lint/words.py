"""Functions, words and addresses that have no place in the sources."""
import re

from source import Problem, line_of, module_of

FUNCTIONS = {
    'sprintf': 'snprintf or buf_printf',
    'vsprintf': 'vsnprintf',
    'strcpy': 'buf_append',
    'strcat': 'buf_append',
    'strtok': 'strcspn and a slice',
    'atoi': 'quantity_parse',
    'atol': 'quantity_parse',
    'atof': 'quantity_parse',
    'gets': 'getline',
    'localtime': 'localtime_r',
    'gmtime': 'gmtime_r',
    'sscanf': 'a parser that reports what is wrong',
    'rand': 'base/rng.h',
    'random': 'base/rng.h',
    'uv_now': 'the clock that was read at the entry of the callback',
}
# serve sweeps idle connections by the loop's own time; it measures nothing.
EXEMPT = {('serve', 'uv_now')}
CALL = re.compile(r'(?<![\w.>])(' + '|'.join(FUNCTIONS) + r')\s*\(')

# Promises of later work: an issue keeps them better than a comment does.
UNFINISHED = re.compile(r'\b(TODO|FIXME|XXX|HACK)\b|\b(not (?:yet )?implemented|for now)\b')

# What is true on one machine only, and package registries, which each site sets for itself.
PLACES = re.compile(r'(/(?:work|root|home|tmp/bash)/[\w.]*)|\b((?:npmjs|pypi|pythonhosted)[.]\w+)')


def matches(pattern, text):
    for match in pattern.finditer(text):
        yield line_of(text, match.start()), next(filter(None, match.groups()))


def check(tree):
    for path in tree.c_files():
        for line, name in matches(CALL, tree.code(path)):
            if (module_of(path)[1], name) not in EXEMPT:
                yield Problem(path, line, f'{name} is banned; use {FUNCTIONS[name]}')
    for path in tree.files('src', 'include'):
        for line, word in matches(UNFINISHED, tree.text(path)):
            yield Problem(path, line, f"'{word}': finish it, or leave it to an issue")
    for path in tree.files():
        if not path.startswith('test/lint/'):
            for line, place in matches(PLACES, tree.text(path)):
                yield Problem(path, line, f"'{place}' does not belong into the repository")
