"""What clang-tidy finds, as .clang-tidy sets it."""
import os
import pathlib
import re
import subprocess

from source import Problem

# Paths are absolute or as the compiler was given them: relative to the build folder.
WARNING = re.compile(r'^(\S[^:\n]*):(\d+):(\d+): (?:warning|error): (.*)$', re.MULTILINE)

# misc-include-cleaner is wanted for includes that nothing needs. Its other half asks for what a
# file's own header has brought already, and clang-tidy 19 has no option to part them.
# The analyzer does not know that a CLEANUP variable is released where its scope ends and takes it
# for leaked; the tests under LeakSanitizer tell what leaks.
UNWANTED = ('no header providing ', 'Potential leak of memory pointed to by ')

# Safe in glibc since 2.32 (strerror(3)), while concurrency-mt-unsafe goes by older ones.
SAFE_CALL = re.compile(r'strerror\(')
UNSAFE_CALL = 'function is not thread safe'


def is_false_alarm(tree, path, line, column, text):
    if text.startswith(UNSAFE_CALL):
        return SAFE_CALL.match(tree.text(path).splitlines()[line - 1], column - 1)
    return text.startswith(UNWANTED)


def check(tree, built):
    root, built = tree.root.resolve(), pathlib.Path(built).resolve()
    done = subprocess.run(
        ['run-clang-tidy-19', '-quiet', '-p', built, '-j', str(os.cpu_count()),
         f'^{root}/src/.*'], cwd=root, capture_output=True, text=True)
    found = set()
    for path, line, column, text in WARNING.findall(done.stdout):
        path = os.path.relpath(built / path, root)
        if not is_false_alarm(tree, path, int(line), int(column), text):
            found.add(Problem(path, int(line), text))
    yield from sorted(found)
    if not found and (done.returncode or ' for 0 files ' in done.stdout):
        yield Problem('.clang-tidy', 1, done.stdout + done.stderr)
