#!/usr/bin/env python3
"""Writes dashboards/*.json as source/*.py says. Needs Python 3 and nothing else.

grafana/make.py
"""
import importlib
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
NAMES = ('overview', 'performance', 'cost', 'errors', 'llm', 'models', 'backend', 'client', 'trends', 'regions')


def texts():
    """name → the text of its file."""
    sys.path.insert(0, str(HERE / 'source'))
    return {name: json.dumps(importlib.import_module(name).DASHBOARD, indent=2, ensure_ascii=False) + '\n'
            for name in NAMES}


def main():
    for name, text in texts().items():
        (HERE / f'dashboards/{name}.json').write_text(text)


if __name__ == '__main__':
    main()
