"""What clang-tidy finds, as .clang-tidy sets it."""
import os
import re
import subprocess

from source import Problem

WARNING = re.compile(r'^(/\S+?):(\d+):\d+: (?:warning|error): (.*)$', re.MULTILINE)


def check(tree, built):
    done = subprocess.run(
        ['run-clang-tidy-19', '-quiet', '-p', built, '-j', str(os.cpu_count()),
         f'^{tree.root.resolve()}/src/.*'], cwd=tree.root, capture_output=True, text=True)
    found = set()
    for path, line, text in WARNING.findall(done.stdout):
        found.add(Problem(os.path.relpath(path, tree.root.resolve()), int(line), text))
    yield from sorted(found)
    if done.returncode and not found:
        yield Problem('.clang-tidy', 1, done.stdout + done.stderr)
