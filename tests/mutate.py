# SPDX-License-Identifier: BSD-2-Clause
"""Do the tests of the parsers notice a fault?

Each mutant is one parser file with one fault: a comparison flipped, a bound
dropped or moved by one, a condition negated or never true.  It is compiled and
linked with the unit tests of its module's PURE files, and with the module's
vector test; a mutant that passes both survives.  One that gives the same
machine code as the original is no mutant.  Fails under LEAST % killed.

Environment: CC, LIBS, B (the build folder with tests and library), FILES,
MUTANTS (a number or "all"), LEAST (90), JOBS, SEED (of the commit, so that
each draws others; what is printed repeats the draw).
"""
import concurrent.futures
import hashlib
import os
import re
import subprocess
import sys
import tempfile

CC = os.environ.get('CC', 'cc')
B = os.environ['B']
FILES = os.environ['FILES'].split()
LIBS = os.environ['LIBS'].split()
MUTANTS = os.environ.get('MUTANTS') or '200'
JOBS = int(os.environ.get('JOBS') or os.cpu_count() or 1)
LEAST = float(os.environ.get('LEAST') or 90)


def commit():
    p = subprocess.run(['git', 'rev-parse', '--short=8', 'HEAD'],
                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return p.stdout.decode().strip() or '1'


SEED = os.environ.get('SEED') or commit()
TIMEOUT = 20
FLAGS = ['-std=c11', '-D_DEFAULT_SOURCE', '-D_POSIX_C_SOURCE=200809L', '-I.',
         '-O1', '-w', '-DPARLEY_TRAP', '-c', '-x', 'c']

TOKEN = re.compile(r'''
    (?P<skip> /\*.*?\*/ | //[^\n]* | "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*'
            | ^[ \t]*\#(?:\\\n|[^\n])* )
  | (?P<op> -> | \+\+ | -- | << | >> | <= | >= | == | != | && | \|\| | [<>!] )
  | (?P<one> [-+][ \t]*1\b )
  | (?P<word> [A-Za-z_]\w* )
  | (?P<number> \b\d[\w.]* )
''', re.X | re.S | re.M)

SWAP = {'<': '<=', '<=': '<', '>': '>=', '>=': '>', '==': '!=', '!=': '==',
        '&&': '||', '||': '&&', '!': ''}


def closing(text, at):
    """The offset behind the parenthesis that closes the one at `at`."""
    depth = 0
    i = at
    while True:
        m = TOKEN.match(text, i)
        if m and m.group('skip'):
            i = m.end()
            continue
        depth += {'(': 1, ')': -1}.get(text[i], 0)
        i += 1
        if depth == 0:
            return i


def mutations(text):
    """(begin, end, replacement, what) for each fault that text can have."""
    compared = False
    for m in TOKEN.finditer(text):
        t = m.group()
        if m.group('skip'):
            continue
        if m.group('op'):
            compared = t in ('<', '<=', '>', '>=', '==', '!=')
            if t in SWAP:
                yield m.start(), m.end(), SWAP[t], f'{t} to {SWAP[t] or "nothing"}'
            continue
        if m.group('one'):
            yield m.start(), m.end(), '', f'{t} dropped'
        elif t == 'if':
            at = text.index('(', m.end())
            end = closing(text, at)
            yield at, end, '(0)', 'if (0)'
        elif t.startswith('LIMIT_') or (m.group('number') and compared):
            yield m.start(), m.end(), f'({t} + 1)', f'{t} + 1'
        elif t in ('true', 'false'):
            other = 'false' if t == 'true' else 'true'
            yield m.start(), m.end(), other, f'{t} to {other}'
        compared = False


def run(cmd, **kw):
    return subprocess.run(cmd, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, **kw).returncode


def compile_to(source, out):
    p = subprocess.run([CC, *FLAGS, '-', '-o', out], input=source.encode(),
                       stderr=subprocess.DEVNULL)
    return p.returncode == 0


class Module:
    """The tests of one folder's PURE files."""

    def __init__(self, name, tmp):
        bases = [os.path.basename(f)[:-2]
                 for f in dict.fromkeys(FILES_ALL + FILES)
                 if f.startswith(name + '/')]
        self.unit = [f'tests/unit/test_{b}.c' for b in bases
                     if os.path.exists(f'tests/unit/test_{b}.c')]
        suites = os.path.join(tmp, f'suites_{name}.c')
        with open(suites, 'w') as f:
            subprocess.run(['sh', 'tests/suites.sh', *self.unit], stdout=f,
                           check=True)
        self.suites = suites[:-1] + 'o'
        compile_to(open(suites).read(), self.suites)
        main = f'{B}/tests/unit/main.o'
        self.programs = [[main, self.suites,
                          *[f'{B}/{u[:-1]}o' for u in self.unit]]]
        vectors = f'tests/vectors/vectors_{name}'
        self.args = [[]]
        if os.path.exists(vectors + '.c'):
            self.programs.append([f'{B}/{vectors}.o'])
            self.args.append([f'tests/vectors/data/{name}'])

    def passes(self, tmp, objects):
        env = dict(os.environ, CK_FORK='no', CK_DEFAULT_TIMEOUT='0')
        for program, args in zip(self.programs, self.args):
            exe = os.path.join(tmp, 'test')
            link = subprocess.run(
                [CC, '-Wl,--gc-sections', '-Wl,--as-needed', '-o', exe,
                 *program, *objects, *HELPERS, f'{B}/libparley-modules.a',
                 *LIBS], stderr=subprocess.PIPE)
            if link.returncode:
                sys.exit('mutate: ' + link.stderr.decode())
            try:
                if run([exe, *args], env=env, timeout=TIMEOUT):
                    return False
            except subprocess.TimeoutExpired:
                return False
        return True


def judge(m):
    """'same', 'invalid', 'killed' or 'survived'."""
    path, begin, end, new, _ = m
    text = TEXT[path]
    with tempfile.TemporaryDirectory(dir=TMP) as tmp:
        obj = os.path.join(tmp, 'mutant.o')
        if not compile_to(text[:begin] + new + text[end:], obj):
            return 'invalid'
        if open(obj, 'rb').read() == ORIGINAL[path]:
            return 'same'
        module = MODULES[path.split('/')[0]]
        return 'survived' if module.passes(tmp, [obj]) else 'killed'


def describe(m):
    path, begin, _, _, what = m
    text = TEXT[path]
    line = text.count('\n', 0, begin) + 1
    code = text.split('\n')[line - 1].strip()
    return f'{path}:{line}: {what}: {code}'


def order(m):
    return hashlib.sha1(f'{SEED}:{m[0]}:{m[1]}:{m[4]}'.encode()).digest()


FILES_ALL = os.environ.get('ALL_FILES', os.environ['FILES']).split()
HELPERS = sorted(set(os.environ.get('HELPERS', '').split()))
TEXT = {f: open(f).read() for f in FILES}
with tempfile.TemporaryDirectory() as TMP:
    ORIGINAL = {}
    for f in FILES:
        obj = os.path.join(TMP, 'original.o')
        if not compile_to(TEXT[f], obj):
            sys.exit(f'mutate: {f} does not compile')
        ORIGINAL[f] = open(obj, 'rb').read()
    MODULES = {n: Module(n, TMP) for n in {f.split('/')[0] for f in FILES}}
    for n, module in MODULES.items():
        if not module.passes(TMP, []):
            sys.exit(f'mutate: the tests of {n}/ fail without any mutant')

    mutants = [(f, *m) for f in FILES for m in mutations(TEXT[f])]
    mutants.sort(key=order)
    if MUTANTS != 'all':
        mutants = mutants[:int(MUTANTS)]
    tally = {f: [0, 0] for f in FILES}
    survivors = []
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        for m, verdict in zip(mutants, pool.map(judge, mutants)):
            if verdict in ('same', 'invalid'):
                continue
            tally[m[0]][1] += 1
            tally[m[0]][0] += verdict == 'killed'
            if verdict == 'survived':
                survivors.append(describe(m))

for s in sorted(survivors):
    print('survived', s)
killed = sum(k for k, _ in tally.values())
total = sum(t for _, t in tally.values())
for f, (k, t) in sorted(tally.items()):
    if t:
        print(f'{f}: {k}/{t} killed')
share = 100 * killed / total if total else 0
print(f'mutate: {killed} of {total} mutants killed, {share:.1f} %, SEED={SEED}')
sys.exit(total == 0 or share < LEAST)
