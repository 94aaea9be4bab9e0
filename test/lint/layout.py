"""The sources stand as .clang-format says."""
import re
import subprocess

from source import Problem

REPORT = re.compile(r'^(\S+?):(\d+):\d+: error: ', re.MULTILINE)


def check(tree):
    paths = tree.c_files()
    if not paths:
        return
    done = subprocess.run(['clang-format-19', '--dry-run', '-Werror', *paths], cwd=tree.root,
                          capture_output=True, text=True)
    reported = set()
    for path, line in REPORT.findall(done.stderr):
        if path not in reported:
            reported.add(path)
            yield Problem(path, int(line), 'not as .clang-format says; run `make format`')
    if done.returncode and not reported:
        yield Problem('.clang-format', 1, done.stderr.strip())
