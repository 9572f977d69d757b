# SPDX-License-Identifier: BSD-2-Clause
"""Do the tests notice a fault?

Each mutant is one file with one fault: a comparison flipped, a bound dropped or
moved by one, a condition negated or never true.  One that gives the same
machine code as the original is no mutant; one that every test passes survives.
Fails under LEAST % killed.

A parser (PARSERS) has the unit tests of its module's PURE files and its
module's vector test.  Any other file has what make check runs: the suite named
after it, then all the others, cheapest and likeliest first.  Some of those wait
for real time, so that what fails has to fail twice; and each has a network of
its own where the system gives one, else they come one by one.

Environment: CC, SAN, LIBS, B (the build folder with tests and library), FILES,
PARSERS, OBJ_UNIT, OBJ_HELPERS, OBJ_FUZZ, OBJ_TOOLS (objects: of the unit tests,
of what all tests link, of what the fuzz targets link, of the program), MUTANTS
(a number or "all"), ONLY (the mutants of these lines: "sip/msg/sip_uri.c:33 ..."),
LEAST (90), JOBS, VERBOSE (how each mutant ended), SEED (of the commit, so that
each draws others; what is printed repeats the draw).
"""
import concurrent.futures
import hashlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

CC = os.environ.get('CC', 'cc').split()
SAN = os.environ.get('SAN')
B = os.environ['B']
LIBS = os.environ['LIBS'].split()
MUTANTS = os.environ.get('MUTANTS') or '200'
JOBS = int(os.environ.get('JOBS') or os.cpu_count() or 1)
LEAST = float(os.environ.get('LEAST') or 90)
VERBOSE = os.environ.get('VERBOSE')


def words(name):
    """The words of a variable, each once."""
    return list(dict.fromkeys(os.environ.get(name, '').split()))


ONLY = words('ONLY')
FILES, PARSERS = words('FILES'), words('PARSERS')
OBJ_UNIT, OBJ_HELPERS = words('OBJ_UNIT'), words('OBJ_HELPERS')
OBJ_FUZZ, OBJ_TOOLS = words('OBJ_FUZZ'), words('OBJ_TOOLS')
ARCHIVES = [f'{B}/libparley-sim.a', f'{B}/libparley-modules.a']


def commit():
    p = subprocess.run(['git', 'rev-parse', '--short=8', 'HEAD'],
                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return p.stdout.decode().strip() or '1'


SEED = os.environ.get('SEED') or commit()
SANITIZE = ['-fsanitize=' + SAN, '-fno-sanitize-recover=all'] if SAN else []
FLAGS = ['-std=c11', '-D_DEFAULT_SOURCE', '-D_POSIX_C_SOURCE=200809L', '-I.',
         '-O1', '-w', '-DPARLEY_TRAP', *SANITIZE]

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


def run(cmd, env, timeout):
    """The exit status; None after timeout seconds, when all of it is ended."""
    p = subprocess.Popen(cmd, stdin=subprocess.DEVNULL, env=env,
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                         start_new_session=True)
    try:
        return p.wait(timeout)
    except subprocess.TimeoutExpired:
        return None
    finally:
        try:
            os.killpg(p.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        p.wait()


def own_network():
    """What to put before a command that opens ports: [] where nothing helps."""
    up = ['sh', '-c', 'ip link set lo up && exec "$@"', 'sh']
    for unshare in (['unshare', '-n'], ['unshare', '-rn']):
        try:
            if run([*unshare, *up, 'true'], None, 10) == 0:
                return [*unshare, *up]
        except OSError:
            pass
    return []


def fast_linker():
    """An option that links in half the time; [] where there is no such."""
    gold = ['-fuse-ld=gold']
    p = subprocess.run([*CC, *gold, '-x', 'c', '-o', '/dev/null', '-'],
                       input=b'int main(void) { return 0; }',
                       stderr=subprocess.DEVNULL)
    return [] if p.returncode else gold


def compile_to(source, out):
    p = subprocess.run([*CC, *FLAGS, '-c', '-x', 'c', '-', '-o', out],
                       input=source.encode(), stderr=subprocess.DEVNULL)
    return p.returncode == 0


class Test:
    """Programs made of objects (and of one C file), and what to run."""

    def __init__(self, programs, cmd, **env):
        self.programs = programs  # where below B, and what it is made of
        self.cmd = cmd            # {} is the folder of the programs
        self.env = env
        self.timeout = 60
        self.real = True          # waits for real time, or opens ports

    def passes(self, tmp, path=None, mutant=None):
        """With the mutant of path in its place, programs kept in tmp."""
        self.link(tmp, path, mutant)
        env = dict(os.environ, CK_FORK='no', CK_DEFAULT_TIMEOUT='0', B=tmp,
                   PARLEY=tmp + '/parley', **self.env)
        cmd = [c.replace('{}', tmp) for c in self.cmd]
        before = NETWORK if self.real else []
        status = run([*before, *cmd], env, self.timeout)
        if status and self.real:
            status = run([*before, *cmd], env, self.timeout)
        return status == 0

    def has(self, path):
        """Whether a mutant of this file is in any of the programs."""
        obj = f'{B}/{path[:-1]}o'
        return obj not in OBJ_TOOLS or any(obj in p for p in
                                           self.programs.values())

    def link(self, tmp, path, mutant):
        """What is not in tmp yet."""
        original = f'{B}/{path[:-1]}o' if path else None
        for name, parts in self.programs.items():
            exe = os.path.join(tmp, name)
            if os.path.exists(exe):
                continue
            os.makedirs(os.path.dirname(exe), exist_ok=True)
            parts = [mutant if p == original else p
                     for p in dict.fromkeys(parts)]
            if mutant and original not in OBJ_TOOLS:
                parts.append(mutant)  # before the archive's own
            link = subprocess.run(
                [*CC, *SANITIZE, *LINKER, '-I.', '-Iclient', '-Wl,-S',
                 '-Wl,--gc-sections', '-Wl,--as-needed', '-o', exe, *parts,
                 *ARCHIVES, *LIBS], stderr=subprocess.PIPE)
            if link.returncode:
                sys.exit('mutate: ' + link.stderr.decode())


def program(name, *args, **env):
    """A test program of its own."""
    return Test({name: [f'{B}/{name}.o', *OBJ_HELPERS]},
                ['{}/' + name, *args], **env)


def named_after(path, pattern):
    """The longest start of a file's name that pattern has a file for."""
    name = os.path.basename(path)[:-2]
    while name and not os.path.exists(pattern % name):
        name = name.rpartition('_')[0]
    return name


def parser_tests(folder, tmp):
    """The tests of one folder's PURE files."""
    bases = [os.path.basename(f)[:-2] for f in PARSERS
             if f.startswith(folder + '/')]
    unit = [f'tests/unit/test_{b}.c' for b in bases
            if os.path.exists(f'tests/unit/test_{b}.c')]
    p = subprocess.run(['sh', 'tests/suites.sh', *unit], check=True,
                       stdout=subprocess.PIPE)
    suites = os.path.join(tmp, f'suites_{folder}.o')
    compile_to(p.stdout.decode(), suites)
    name = f'unit_{folder}'
    found = [Test({name: [f'{B}/tests/unit/main.o', suites,
                          *[f'{B}/{u[:-1]}o' for u in unit], *OBJ_HELPERS]},
                  ['{}/' + name])]
    if os.path.exists(f'tests/vectors/vectors_{folder}.c'):
        found.append(program(f'tests/vectors/vectors_{folder}',
                             f'tests/vectors/data/{folder}'))
    for t in found:
        t.real = False
    return found


UNIT = {'unit': [*OBJ_UNIT, f'{B}/suites.o', *OBJ_HELPERS]}
TOOL = {'parley': OBJ_TOOLS}
DESK = {'tests/sim/desk_main': [f'{B}/tests/sim/desk_main.o',
                                f'{B}/tests/sim/desk.o']}
EXAMPLES = {f'examples/{e[:-2]}': [f'examples/{e}']
            for e in sorted(os.listdir('examples')) if e.endswith('.c')}
WHOLE = [
    program('tests/sim/sim_program'),
    program('tests/sim/sim_calls', SEEDS='2'),
    program('tests/sim/sim_attack'),
    program('tests/sim/sim_torture', 'tests/vectors/data/sip', 'fuzz/corpus'),
    program('tests/fault/fault_call', FAULT_STEP='64'),
    *[program(f'tests/vectors/vectors_{v}', f'tests/vectors/data/{v}')
      for v in ('rtp', 'sdp', 'sip')],
    Test(TOOL, ['sh', 'tests/fault/disk.sh']),
    Test({**EXAMPLES, **DESK}, ['sh', 'tests/examples.sh']),
    Test(TOOL, ['sh', 'tests/program.sh']),
    Test(UNIT, ['{}/unit']),
]


def tests(path):
    """What judges a file: likeliest first."""
    if path in PARSERS:
        return PARSER_TESTS[path.split('/')[0]]
    first = []
    suite = named_after(path, 'tests/unit/test_%s.c')
    if suite:
        first.append(Test(UNIT, ['{}/unit'], CK_RUN_SUITE=suite))
    target = named_after(path, 'fuzz/fuzz_%s.c')
    if target:
        replay = f'replay_{target}'
        first.append(Test({replay: [f'{B}/fuzz/fuzz_{target}.o',
                                    f'{B}/fuzz/replay.o', *OBJ_FUZZ]},
                          ['{}/' + replay, f'fuzz/corpus/{target}']))
    return first + WHOLE


def judge(m):
    """'same', 'invalid' (which do not count), 'survived', or what killed it."""
    path, begin, end, new, _ = m
    text = TEXT[path]
    with tempfile.TemporaryDirectory(dir=TMP) as tmp:
        obj = os.path.join(tmp, 'mutant.o')
        if not compile_to(text[:begin] + new + text[end:], obj):
            return 'invalid'
        if open(obj, 'rb').read() == ORIGINAL[path]:
            return 'same'
        for test in tests(path):
            if test.has(path) and not test.passes(tmp, path, obj):
                return ' '.join([test.cmd[0].replace('{}/', ''), *test.cmd[1:],
                                 *test.env.values()])
    return 'survived'


def place(m):
    return f'{m[0]}:{TEXT[m[0]].count(chr(10), 0, m[1]) + 1}'


def describe(m):
    line = int(place(m).split(':')[1])
    code = TEXT[m[0]].split('\n')[line - 1].strip()
    return f'{place(m)}: {m[4]}: {code}'


def order(m):
    return hashlib.sha1(f'{SEED}:{m[0]}:{m[1]}:{m[4]}'.encode()).digest()


LINKER, NETWORK = fast_linker(), own_network()
if not NETWORK:
    JOBS = 1
TEXT = {f: open(f).read() for f in FILES}
with tempfile.TemporaryDirectory() as TMP:
    ORIGINAL = {}
    for f in FILES:
        obj = os.path.join(TMP, 'original.o')
        if not compile_to(TEXT[f], obj):
            sys.exit(f'mutate: {f} does not compile')
        ORIGINAL[f] = open(obj, 'rb').read()
    PARSER_TESTS = {n: parser_tests(n, TMP)
                    for n in {f.split('/')[0] for f in FILES if f in PARSERS}}
    with tempfile.TemporaryDirectory(dir=TMP) as tmp:
        for test in [*(WHOLE if set(FILES) - set(PARSERS) else []),
                     *(t for ts in PARSER_TESTS.values() for t in ts)]:
            test.timeout, begin = 600, time.monotonic()
            if not test.passes(tmp):
                sys.exit(f'mutate: without any mutant fails: {test.cmd}')
            test.timeout = 20 + 5 * (time.monotonic() - begin)

    mutants = [(f, *m) for f in FILES for m in mutations(TEXT[f])]
    mutants = [m for m in mutants if not ONLY or place(m) in ONLY]
    mutants.sort(key=order)
    wanted = len(mutants) if MUTANTS == 'all' else int(MUTANTS)
    tally = {f: [0, 0] for f in FILES}
    survivors = []
    while mutants and wanted > 0:
        batch, mutants = mutants[:wanted], mutants[wanted:]
        with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
            for m, verdict in zip(batch, pool.map(judge, batch)):
                if VERBOSE:
                    print(f'{describe(m)}: {verdict}', flush=True)
                if verdict in ('same', 'invalid'):
                    continue
                wanted -= 1
                tally[m[0]][1] += 1
                tally[m[0]][0] += verdict != 'survived'
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
