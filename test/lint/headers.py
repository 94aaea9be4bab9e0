"""Each header compiles alone, and twice."""
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess

from source import Problem

FLAG = re.compile(r'^-(I|D|std=|isystem)')


def flags(built):
    """Where the modules of a build folder find their headers, and what is defined for them."""
    found = []
    for entry in json.loads(pathlib.Path(built, 'compile_commands.json').read_text()):
        words = iter(shlex.split(entry['command']))
        for word in words:
            if FLAG.match(word):
                flag = (word, next(words)) if word in ('-isystem', '-I', '-D') else (word,)
                if flag not in found:
                    found.append(flag)
    return [word for flag in found for word in flag]


def compile_twice(tree, built, path, options):
    line = f'#include "{tree.root.resolve() / path}"\n'
    done = subprocess.run(['cc', '-fsyntax-only', '-x', 'c', '-Wall', '-Wextra', '-Werror',
                           *options, '-'], input=line + line, cwd=built, capture_output=True,
                          text=True)
    return path, done.stderr if done.returncode else ''


def check(tree, built):
    root = tree.root.resolve()
    options = flags(built) + [f'-I{root}/include', f'-I{root}/src']
    paths = tree.files('include', 'src', suffixes=('.h',))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, errors in pool.map(lambda path: compile_twice(tree, built, path, options), paths):
            if errors:
                yield Problem(path, 1, f'does not compile alone and twice:\n{errors}')
