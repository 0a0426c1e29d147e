"""Answers requests for samples, one JSON a line: {"model": "small", "subject": "sam"} gets {"ms": 1.2}."""

import json
import sys
import time


def serve(facts, create):
    """Says `facts`, then takes samples until standard input ends.

    create(model) gives {subject: function}, each of which takes one step and waits for its result.
    """
    print(json.dumps(facts), flush=True)
    subjects = {}
    for line in sys.stdin:
        request = json.loads(line)
        name = request["model"]
        if name not in subjects:
            # One model at a time: those before are measured and may go.
            subjects.clear()
            subjects[name] = create(name)
            for step in subjects[name].values():
                step()  # Compiles, allocates, warms up.
        step = subjects[name][request["subject"]]
        start = time.perf_counter()
        step()
        print(json.dumps({"ms": 1000 * (time.perf_counter() - start)}), flush=True)


def missing(library, error):
    """Says that the library is not here, which is a result and no failure."""
    print(json.dumps({"missing": f"{library} was not found ({error})"}), flush=True)
    sys.exit(0)
