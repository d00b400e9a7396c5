#!/usr/bin/env python3
"""Golden vectors of the detector, from the reference implementation (ship.py and gen_bench.py in the folder given).

  python3 detect.py ../shared/detect rows 0,5,17       float64 rows on standard output, every minute of those series:
                                                        observed, unique, sources, stat, mu, r, state change (index or -1)
  python3 detect.py ../shared/detect golden FILE.gz     the excerpt kept in the repository: NDJSON, see `golden` below
"""
import gzip, json, struct, sys
shared, mode = sys.argv[1:3]
sys.path.insert(0, shared)
import gen_bench, ship

SIZE, SEED, EXCERPT, STRIDE = 'tiny', 3, (2, 7, 13, 17, 20, 23), 12
STATES = ['none', 'possible', 'detected', 'recovering', 'resolved']
B = gen_bench.make(SIZE, SEED)


def rows(i):
    s = ship.Series()
    for t in range(B['T']):
        ok = bool(B['obs'][t, i]); rec = tuple(int(B[k][t, i]) for k in ('count', 'unique', 'sources')) if ok else None
        said = s.tick(t, rec)
        yield rec, s.stat, s.mu, 1 / (1.1 * s.ir), said


if mode == 'rows':
    for i in map(int, sys.argv[3].split(',')):
        sys.stdout.buffer.write(b''.join(struct.pack('<7d', rec is not None, *(rec[1:] if rec else (0, 0)), stat, mu, r, STATES.index(said[0]) if said else -1)
                                         for rec, stat, mu, r, said in rows(i)))
else:
    with gzip.GzipFile(sys.argv[3], 'wb', 9, mtime=0) as f:
        for i in EXCERPT:
            bins, said, check = [], [], []
            for t, (rec, stat, mu, r, change) in enumerate(rows(i)):
                bins.append(list(rec[1:]) if rec else 0)
                said += [[t, STATES.index(c)] for c in change]
                if t % STRIDE == 0 or change: check.append([t] + [float('%.9g' % v) for v in (stat, mu, r)])
            f.write((json.dumps(dict(series=B['names'][i], bins=bins, changes=said, check=check), separators=(',', ':')) + '\n').encode())
