"""No `default:` in a switch over one of our enums: the compiler then names a forgotten value."""
import re

from source import Problem, line_of

ENUM = re.compile(r'\benum\s*\w*\s*\{([^}]*)\}')
ENUM_VALUE = re.compile(r'(?:^|,)\s*([A-Z]\w*)')
SWITCH = re.compile(r'\bswitch\s*\(')
CASE = re.compile(r'\bcase\s+([^:]+?)\s*:|\bdefault\s*:|[{}]|\bswitch\s*\(')


def enum_values(code):
    return {value for body in ENUM.findall(code) for value in ENUM_VALUE.findall(body)}


def switch_labels(code, start):
    """Case names of the switch at start, and where its default stands, inner switches left out."""
    depth = 0
    inner = None
    names, default = [], None
    for label in CASE.finditer(code, code.index('{', start)):
        if label[0] == '{':
            depth += 1
        elif label[0] == '}':
            depth -= 1
            if depth == 0:
                break
            if depth == inner:
                inner = None
        elif label[0].startswith('switch'):
            inner = depth if inner is None else inner
        elif inner is None:
            if label[1]:
                names.append(label[1])
            else:
                default = label.start()
    return names, default


def check(tree):
    paths = tree.c_files('src', 'include')
    codes = {path: tree.code(path) for path in paths}
    ours = set().union(*map(enum_values, codes.values())) if codes else set()
    for path, code in codes.items():
        for switch in SWITCH.finditer(code):
            names, default = switch_labels(code, switch.end())
            if default is not None and names and ours.issuperset(names):
                yield Problem(path, line_of(code, default),
                              'default: in a switch over an enum hides a forgotten value')
