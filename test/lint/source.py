"""The files a lint reads: those git knows or would add, with comments and strings blanked out."""
import pathlib
import re
import subprocess
from typing import NamedTuple

C_TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


class Problem(NamedTuple):
    path: str
    line: int
    text: str

    def __str__(self):
        return f'{self.path}:{self.line}: {self.text}'


class Tree:
    """A checkout, or a folder that a test has made to look like one."""

    def __init__(self, root):
        self.root = pathlib.Path(root)

    def files(self, *folders, suffixes=()):
        """Paths below the folders, relative to the root, sorted; without build products."""
        listed = subprocess.run(
            ['git', '-C', self.root, 'ls-files', '-z', '--cached', '--others',
             '--exclude-standard', '--', *folders], check=True, capture_output=True, text=True)
        return sorted({path for path in listed.stdout.split('\0')
                       if path and path.endswith(suffixes or '') and (self.root / path).is_file()})

    def c_files(self, *folders):
        return self.files(*(folders or ('src', 'include', 'test')), suffixes=('.c', '.h'))

    def text(self, path):
        return (self.root / path).read_text(encoding='utf-8', errors='replace')

    def code(self, path):
        """The text of a C file with comments and literals replaced by blanks, line by line."""
        return C_TOKEN.sub(blank, self.text(path))


def blank(token):
    text = token[0]
    if text[0] in '"\'':
        return text[0] + ' ' * (len(text) - 2) + text[0]
    return re.sub(r'[^\n]', ' ', text)


def line_of(text, position):
    return text.count('\n', 0, position) + 1


def module_of(path):
    """('src', 'net') for src/net/sse.c; ('', '') for what belongs to no module."""
    parts = path.split('/')
    return (parts[0], parts[1]) if len(parts) > 2 and parts[0] in ('src', 'include') else ('', '')
