"""Runs the Python reference engine over one generated data set: explain-reference.py SHARED_EXPLAIN_DIR DATA_DIR OUT_DIR
Writes OUT_DIR/ref-obs.ndjson and OUT_DIR/ref-quiet.ndjson (one prediction a tick, as score_rca.py reads it).
The evidence scale c is fitted on the quiet stream, as EXPLAIN.md says."""
import json, sys
sys.path.insert(0, sys.argv[1])
from rca import Engine, Graph, self_calibrate
from run import run_set

d, out = sys.argv[2], sys.argv[3]
cal = self_calibrate(d)
print(f"c {cal}")
for which in ("obs", "quiet"):
    g = Graph(d + "/graph.json")
    e = Engine(g, cal=cal)
    res = run_set(d, {"_g": g, "rca": e.infer}, which=which)["rca"]
    with open(f"{out}/ref-{which}.ndjson", "w") as f:
        for t in sorted(res):
            f.write(json.dumps(dict(t=t, **res[t])) + "\n")
