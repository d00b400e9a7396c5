"""Writes test/golden/explain.json.gz: what the Python reference engine answers on a small generated data set (seed 7).
usage: explain-golden.py SHARED_EXPLAIN_DIR | gzip -9n > test/golden/explain.json.gz"""
import io, json, sys, tempfile
sys.path.insert(0, sys.argv[1])
from contextlib import redirect_stdout
import gen
from rca import Engine, Graph, State
from run import ticks

TICKS = (22, 56, 82, 90, 114, 150)
C = 0.9
with tempfile.TemporaryDirectory() as d:
    with redirect_stdout(io.StringIO()):
        gen.make(7, d, 450, 10, 0.1)
    g = Graph(d + "/graph.json")
    raw = json.load(open(d + "/graph.json"))
    ids = {n["id"]: k for k, n in enumerate(raw["nodes"])}
    st, e, out = State(g), Engine(g, cal=C), []
    for t, rows in ticks(d + "/obs.ndjson"):
        for r in rows:
            st.feed(r)
        st.t = t
        if t not in TICKS:
            continue
        r = e.infer(st)
        sets = sorted(e.pool_sev.values())[::3][:24] if len(e.ks) else []
        out.append(dict(
            t=t,
            rows=[[ids[v], c, float(st.llr[i]), None if st.on[i] != st.on[i] else float(st.on[i])] for i, (v, c) in enumerate(g.leaves)],
            notices=[[ids[n], at] for n, at in st.notice.items()],
            scores=[[[[ids[g.roots[e.ks[j]]], sv] for j, sv in S], e.score(tuple(S))] for S in sets if S],
            best=[ids[x] for x in r["explanations"][0]["roots"]], p=r["explanations"][0]["p"],
            explains=[ids[x] for x in r["explanations"][0]["explains"]],
            contradicts=[ids[x] for x in r["explanations"][0]["predicted_but_healthy"]],
            unexplained=[ids[x] for x in r["explanations"][0]["unexplained"]],
            roots=[[ids[x], p] for x, p in r["ranking"] if x in g.rix]))
    json.dump(dict(
        source="EXPLAIN reference rca.py on gen.py with seed 7, 450 services", scale=C,
        nodes=[[n["id"], n["kind"], n.get("countries"), n.get("popularity")] for n in raw["nodes"]],
        edges=[[ids[x["from"]], ids[x["to"]], x["strength"], x["confidence"]] + ([x["country"]] if "country" in x else []) for x in raw["edges"]],
        ticks=out), sys.stdout, separators=(",", ":"))
