"""The scenarios that are shipped, but for the parts that they include."""
from program import ROOT

# What shows how throng measures is no suite: scenarios/lab has tests of its own.
LAB = sorted((ROOT / 'scenarios/lab').glob('*.yaml'))
SUITES = sorted(set((ROOT / 'scenarios').glob('*/*.yaml')) - set(LAB))


def name_of(path):
    return f'{path.parent.name}/{path.stem}'
