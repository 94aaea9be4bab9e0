"""What clang-tidy finds, as .clang-tidy sets it."""
import os
import re
import subprocess

from source import Problem

WARNING = re.compile(r'^(/\S+?):(\d+):\d+: (?:warning|error): (.*)$', re.MULTILINE)

# misc-include-cleaner is wanted for includes that nothing needs. Its other half asks for what a
# file's own header has brought already, and clang-tidy 19 has no option to part them.
UNWANTED = 'no header providing '


def check(tree, built):
    done = subprocess.run(
        ['run-clang-tidy-19', '-quiet', '-p', built, '-j', str(os.cpu_count()),
         f'^{tree.root.resolve()}/src/.*'], cwd=tree.root, capture_output=True, text=True)
    found = set()
    for path, line, text in WARNING.findall(done.stdout):
        if not text.startswith(UNWANTED):
            found.add(Problem(os.path.relpath(path, tree.root.resolve()), int(line), text))
    yield from sorted(found)
    if done.returncode and not found:
        yield Problem('.clang-tidy', 1, done.stdout + done.stderr)
