"""The scenarios that are shipped, but for the parts that they include."""
from program import ROOT

SUITES = sorted((ROOT / 'scenarios').glob('*/*.yaml'))


def name_of(path):
    return f'{path.parent.name}/{path.stem}'
