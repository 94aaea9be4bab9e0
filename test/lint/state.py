"""No variables at file scope but the log's sink and what a crash says: what a function works on is
passed to it."""
import pathlib
import re
import subprocess

from source import Problem

ALLOWED = {('base', 'sink'), ('cli', 'last_words')}
MUTABLE = re.compile(r'^(\.t?bss|\.t?data|COMMON)(?!\.rel\.ro)(\..*)?$')


def objects(archive):
    """Name and section of each object that a static library defines."""
    listed = subprocess.run(['nm', '--format=sysv', archive], check=True, capture_output=True,
                            text=True).stdout
    for line in listed.splitlines():
        cells = [cell.strip() for cell in line.split('|')]
        if len(cells) == 7 and cells[3] == 'OBJECT':
            yield cells[0], cells[6]


def check(tree, built):
    for archive in sorted(pathlib.Path(built, 'src').glob('*/*.a')):
        module = archive.parent.name
        for name, section in objects(archive):
            if MUTABLE.match(section) and (module, re.sub(r'\.\d+$', '', name)) not in ALLOWED:
                yield Problem(f'src/{module}', 1, f"'{name}' can be changed at file scope")
