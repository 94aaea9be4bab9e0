#!/usr/bin/env python3
"""Measures throng against its goals and prints figure, goal and verdict.

Usage: run.py [--write] [B-1 ...]

Without names, all benchmarks: about ten minutes. --write puts the figures into doc/performance.md.
Two processors are used, one for what serves and one for what is measured; the clients of a ratio
take turns, so that a change of the machine's pace meets all alike. Anything else that runs on the
machine spoils the figures: look at those marked "late".
"""
import argparse
import subprocess
import sys

import figures
import ratios
import recording
import table
import tenants

ALL = {
    'B-1': ratios.chunks_per_core,
    'B-2': ratios.chunk_over_limit,
    'B-3': figures.against_truth,
    'B-4': figures.many_streams,
    'B-5': ratios.memory,
    'B-6': ratios.requests_per_core,
    'B-7': figures.lateness,
    'B-8': figures.pushes,
    'B-9': figures.questions,
    'B-10': figures.start_up,
    'B-11': figures.simulator,
    'B-12': figures.few_users,
    'B-14': ratios.growth,
    'B-15': recording.added,
    'B-16': tenants.bootstrap,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--write', action='store_true')
    parser.add_argument('names', nargs='*', metavar='B-N', choices=[*ALL, []])
    wanted = parser.parse_args()

    print(table.machine(), flush=True)
    rows = []
    failed = []
    for name in wanted.names or ALL:
        try:
            for row in ALL[name]():
                table.show(row)
                rows.append(row)
        except (OSError, RuntimeError, subprocess.SubprocessError) as error:
            print(f'{name:5}  could not be measured: {error}', file=sys.stderr, flush=True)
            failed.append(name)
    if wanted.write:
        table.write(rows)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
