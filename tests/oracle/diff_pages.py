"""diff_pages.py - belay-diff --junit and --markdown, as other software reads them: Python's XML
parser, by the shape that readers of JUnit XML agree on, and the rules for tables of Markdown."""
import html
import json
import os
import re
import subprocess
import tempfile
import xml.etree.ElementTree as xml

import tap

DIFF = os.path.join(tap.BUILD, 'belay-diff')
box = tempfile.TemporaryDirectory(prefix='belay-pages-')

# Names that XML or Markdown would make something of. JSON has no lone surrogates.
NAMES = ['plain', 'a.b/c-d', '<w>', '&amp;', '"quoted" \'too\'', ']]>', '<!-- c -->', '`code`',
         '|pipe|', 'a|b`c', '*em* _em_ ~no~', '[x](http://y)', '\\', '# head', '$x$', '@you', '--',
         'ends ', 'grüße 重み 🙂', '\ufffe\uffff', '&#60;', '{{x}}', '=', '1. one', '<!--']
CONTROL = 'bell\x07 line\nbreak\ttab\x1b[31m\x00nul'

# What each element may hold, and the attributes that it has.
SHAPE = {
    'testsuites': ({'testsuite'}, {'name', 'tests', 'failures', 'errors', 'time'}),
    'testsuite': ({'testcase'}, {'name', 'tests', 'failures', 'errors', 'skipped', 'time'}),
    'testcase': ({'failure', 'skipped'}, {'name', 'classname', 'time'}),
    'failure': (set(), {'message', 'type'}),
    'skipped': (set(), {'message'}),
}


def path(name):
    return os.path.join(box.name, name)


def save(name, tensors):
    """A safetensors file of one byte for each tensor."""
    header = {n: {'dtype': 'U8', 'shape': [1], 'data_offsets': [i, i + 1]}
              for i, n in enumerate(tensors)}
    head = json.dumps(header).encode()
    with open(path(name), 'wb') as f:
        f.write(len(head).to_bytes(8, 'little') + head + bytes(tensors.values()))


def pages(*args):
    """Exit code, the tree, and the Markdown of a comparison."""
    code = subprocess.run([DIFF, '-q', *args, '--junit', 'j.xml', '--markdown', 'm.md'],
                          cwd=box.name, check=False).returncode
    with open(path('m.md'), encoding='utf-8') as f:
        return code, xml.parse(path('j.xml')).getroot(), f.read()


def misshapen(element):
    """What of an element is not as readers of JUnit XML expect it."""
    children, must = SHAPE[element.tag]
    found = set(element.attrib)
    bad = [(element.tag, sorted(found ^ must))] if found != must else []
    for child in element:
        bad += misshapen(child) if child.tag in children else [(element.tag, child.tag)]
    if element.tag in ('testsuites', 'testsuite'):
        cases = list(element.iter('testcase'))
        want = {'tests': len(cases), 'failures': sum(c.find('failure') is not None for c in cases),
                'errors': 0, 'time': 0}
        bad += [(element.tag, k) for k, n in want.items() if element.get(k) != str(n)]
    return bad


def escaped(name):
    """A name as belay spells it: what a terminal might act on is written out."""
    out = ''
    for c in name:
        out += {'\n': '\\n', '\t': '\\t'}.get(c) or (f'\\x{ord(c):02x}' if ord(c) < 32 else c)
    return out


def in_xml(name):
    return re.sub('[\ufffe\uffff]', '\ufffd', escaped(name))


def rows(markdown):
    """The cells of the tables' rows, as a reader of GitHub's Markdown splits them."""
    lines = [line for line in markdown.split('\n') if line.startswith('|')]
    return [[c.strip() for c in line.strip('|').split('|')] for line in lines[2:]]


def check_names():
    names = NAMES + [CONTROL.replace('\x00', '')]
    save('a', {n: 1 for n in names})
    save('b', {n: 2 if i % 2 else 1 for i, n in enumerate(names)})
    code, tree, markdown = pages('a', 'b', '--top', '100')
    tap.ok(code == 1, 'they differ', code)
    tap.ok(not misshapen(tree), 'the XML has the shape of JUnit', misshapen(tree))
    cases = {c.get('name'): c.find('failure') is not None for c in tree.iter('testcase')}
    want = {in_xml(n): bool(i % 2) for i, n in enumerate(names)}
    tap.ok(cases == want, 'a case for each tensor, by its name', cases, want)
    differ = [escaped(n) for i, n in enumerate(names) if i % 2]
    got = rows(markdown)
    tap.ok(all(len(r) == 5 for r in got), 'every row of the table has five cells', markdown)
    cells = [r[0] for r in got]
    shown = [html.unescape(re.fullmatch('<code>(.*)</code>', c)[1]) for c in cells]
    tap.ok(shown == differ, 'the table has the names of those that differ', shown, differ)
    marks = [c for c in cells if re.search(r'[`*_\[\]\\~|$@<>]', c[6:-7])]
    tap.ok(not marks, 'and nothing in them is a mark', marks)
    head = markdown.split('\n')
    tap.ok(head[1].startswith('### ') and head[2] == head[4] == '' and
           html.unescape(head[3]).startswith('a and b differ in'), 'the verdict', head[:5])


def check_sets():
    for folder, times in (('old', (1, 2, 30)), ('new', (2, 4, 30))):
        os.mkdir(path(folder))
        for t in times:
            save(f'{folder}/c_{t}.safetensors', {'w': 7 if (folder, t) == ('new', 30) else 1})
    code, tree, markdown = pages('--sets', 'old', 'new')
    tap.ok(code == 1 and not misshapen(tree), 'sets: the shape', misshapen(tree))
    cases = {c.get('name'): c.find('failure') is not None for c in tree.iter('testcase')}
    want = {'time 1': True, 'time 2': False, 'time 4': True, 'time 30': True}
    tap.ok(cases == want, 'sets: a case for each time', cases)
    got = [(r[0], '**' in r[1]) for r in rows(markdown)]
    tap.ok(sorted(got) == sorted((k[5:], v) for k, v in want.items()), 'sets: the table', markdown)
    tap.ok('\n1 of 2 pairs differ; 2 checkpoints of no pair\n' in markdown, 'sets: the verdict')
    code, tree, markdown = pages('--sets', 'old/c_2*', 'new/c_2*')
    tap.ok(code == 0 and tree.get('failures') == '0' and '### belay-diff: the same\n' in markdown,
           'sets: the same', code, markdown)


def check_events():
    """What --json tells of sets fits the schema."""
    try:
        import jsonschema
    except ImportError:
        tap.skip('the events of sets', 'the Python module jsonschema is not here')
        return
    with open(os.path.join(tap.SRC, 'man', 'belay-diff.report.schema.json'),
              encoding='utf-8') as f:
        schema = jsonschema.Draft202012Validator(json.load(f))
    done = subprocess.run([DIFF, '--sets', 'old', 'new', '--json'], cwd=box.name, check=False,
                          capture_output=True)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    bad = [e.message for event in events for e in schema.iter_errors(event)]
    tap.ok(not bad, 'the events of sets fit the schema', *bad)
    tap.ok([(e['event'], e.get('time')) for e in events if 'time' in e] ==
           [('alone', 1), ('alone', 4), ('pair', 2), ('pair', 30)], 'and have times', events)


def check_long():
    """Very many, with long names: all are cases, and --top of them rows."""
    names = {f'{"n" * 300}{i}': i % 2 for i in range(2000)}
    save('c', names)
    save('d', {n: 0 for n in names})
    _, tree, markdown = pages('c', 'd')
    tap.ok(not misshapen(tree) and tree.get('tests') == '2000' and
           tree.get('failures') == '1000', 'very many cases', misshapen(tree))
    tap.ok(len(rows(markdown)) == 10 and '\n... and 990 more\n' in markdown, 'ten rows', markdown)
    tap.ok(len(markdown) < 4000, 'long names do not make a long page', len(markdown))


for check in (check_names, check_sets, check_events, check_long):
    tap.case(check)
tap.finish()
