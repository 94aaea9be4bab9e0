"""Modules use only what doc/architecture.md lets them use, and no module's private headers."""
import re

from source import Problem, module_of

PAGE = 'doc/architecture.md'
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def table_below(page, heading):
    """First and last cell of each row of the first table below a heading."""
    section = page.partition(f'\n## {heading}\n')[2].partition('\n## ')[0]
    rows = [[cell.strip() for cell in line.strip('|').split('|')]
            for line in section.splitlines() if line.startswith('|')]
    return [(row[0], row[-1]) for row in rows[2:]]


def words(cell):
    return {word for word in re.findall(r'[\w./-]+', cell) if re.search(r'\w', word)}


def may_use(page):
    """Module → the modules that it may include."""
    table = {name: words(cell) for name, cell in table_below(page, 'Modules')}
    everyone, but_for_these = re.search(
        r'`(\w+)` is open to all; `plan` to all but `([\w ]+)`', page).groups()
    for name, used in table.items():
        used.add(everyone)
        if name not in but_for_these.split():
            used.add('plan')
        if 'all' in used:
            used.update(table)
        used.discard(name)
    table[everyone].clear()
    return table


def owners(page):
    """Header, or folder of headers, of a library → the modules that may include it."""
    return {header: words(cell) for headers, cell in table_below(page, 'Libraries')
            for header in words(headers)}


def cycle(table):
    """A path of modules that leads back to its start, or None."""
    done = set()

    def walk(name, path):
        if name in path:
            return path[path.index(name):] + [name]
        if name in done:
            return None
        for used in sorted(table.get(name, ())):
            found = walk(used, path + [name])
            if found:
                return found
        done.add(name)
        return None

    return next(filter(None, (walk(name, []) for name in sorted(table))), None)


def check_include(tree, path, place, table, libraries):
    folder, module = module_of(path)
    quote, header = place
    target = header.split('/')[0]
    if quote == '<':
        for library, modules in libraries.items():
            if header == library or library.endswith('/') and header.startswith(library):
                if module not in modules:
                    yield f'only {" and ".join(sorted(modules))} may include <{header}>'
        return
    if '/' not in header:
        yield f'"{header}" lacks its folder: write "{module}/{header}"'
    elif target != module and target not in table[module]:
        yield f'{module} may not use {target}'
    elif (tree.root / 'src' / header).is_file():
        if target != module:
            yield f'"{header}" is private to {target}'
        elif folder == 'include':
            yield f'a public header may not include the private "{header}"'


def check(tree):
    page = tree.text(PAGE)
    table = may_use(page)
    libraries = owners(page)

    loop = cycle(table)
    if loop:
        yield Problem(PAGE, 1, f'modules use each other in a circle: {" → ".join(loop)}')
    for path in tree.c_files('src', 'include'):
        module = module_of(path)[1]
        if module not in table:
            yield Problem(path, 1, f'{module or path} has no row in {PAGE}')
            continue
        for number, line in enumerate(tree.text(path).splitlines(), 1):
            place = INCLUDE.match(line)
            if place:
                for text in check_include(tree, path, place.groups(), table, libraries):
                    yield Problem(path, number, text)
