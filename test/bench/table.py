"""The table of figures, as text and as a part of doc/performance.md."""
import os
import pathlib
import platform
import re
import sys
from typing import NamedTuple

PAGE = pathlib.Path(__file__).resolve().parents[2] / 'doc/performance.md'
BEGIN, END = '<!-- make bench: from here -->', '<!-- make bench: to here -->'


class Row(NamedTuple):
    """A figure beside its goal. Reached is None where there is none."""
    goal: str
    what: str
    figure: str
    wanted: str = ''
    reached: bool | None = None

    def verdict(self):
        return {None: '', True: 'yes', False: 'no'}[self.reached]


def machine():
    model = re.search(r'^model name\s+: (.*)', pathlib.Path('/proc/cpuinfo').read_text(), re.MULTILINE)
    return f'{os.cpu_count()} × {model[1] if model else platform.machine()}, Linux {platform.release()}'


def show(row):
    print('  '.join((f'{row.goal:5}', f'{row.what:78}', f'{row.figure:38}', f'{row.wanted:12}',
                     row.verdict())).rstrip(), flush=True)


def write(rows):
    """Puts the rows between the marks of the page. Rows of other goals stay as they are."""
    before, rest = PAGE.read_text().split(BEGIN)
    old, after = rest.split(END)
    measured = {row.goal for row in rows}
    lines = {}
    for line in old.splitlines():
        goal = re.match(r'\| (B-\d+) \|', line)
        if goal and goal[1] not in measured:
            lines.setdefault(goal[1], []).append(line)
    for row in rows:
        lines.setdefault(row.goal, []).append(
            f'| {row.goal} | {row.what} | {row.figure} | {row.wanted} | {row.verdict()} |')
    table = [line for goal in sorted(lines, key=lambda goal: int(goal[2:])) for line in lines[goal]]
    PAGE.write_text('\n'.join([
        before + BEGIN, f'`{" ".join(["test/bench/run.py", *sys.argv[1:]])}` on {machine()}:', '',
        '| goal | what | figure | wanted | reached |', '|---|---|---|---|---|', *table, END + after]))
