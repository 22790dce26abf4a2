def test_it(project):
    from arlib.run.progress import Lines
    import sys
    r = project.close(progress=Lines(sys.stderr))
    for run in r.runs: print(run)
    print(r)
    import os
    for p in sorted(project.outputs.rglob('*')): print(p.relative_to(project.outputs), p.is_file() and p.stat().st_size)
    from arlib.run.verify import verify
    print(verify(project.outputs).lines())
    f = project.outputs / r.runs[0].folder
    print((f/'run.json').read_text()[:9000]); print((f/'events.jsonl').read_text())
    print((f/'notebooks/aging.ipynb').read_text())
    assert 0
