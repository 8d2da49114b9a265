# SPDX-License-Identifier: MIT
"""export.json for people."""


def table(result):
    yield "handshake, CPU of the client, us      full  resumed     (OpenSSL's, TLS 1.2: full  resumed; TLS 1.3 full)    ours to OpenSSL's"
    for kind, of in result.get("handshakes", {}).items():
        o, p = of["mote"], of["openssl"]
        if "missing" in o or "missing" in p:
            yield f"  {kind:10} not measured: {o.get('missing') or p['missing']}"
        else:
            yield (f"  {kind:10} {o['full']:29.0f} {o['resumed']:8.0f} {p['full']:26.0f} {p['resumed']:8.0f} {p['full_1_3']:14.0f} "
                   f"{o['full'] / p['full']:12.2f} {o['resumed'] / p['resumed']:6.2f}")
    yield ""
    yield "batch, CPU, us                body |  gzip   hash   sign  crypt  write  reply |    all   wall | made by all of ours"
    for spans, rows in result.get("batches", {}).items():
        for name, r in rows.items():
            head = f"  {spans:>3} spans, {name:18}"
            if "missing" in r:
                yield f"{head} not measured: {r['missing']}"
                continue
            parts = " ".join(f"{r[p]:6.1f}" for p in ("gzip", "hash", "sign", "encrypt", "write", "reply")) if "gzip" in r else 41 * " "
            base = rows[f"mote {name.partition(' ')[2]}"]
            yield f"{head} {r['body_bytes']:6.0f} | {parts} | {r['all']:6.0f} {r['wall']:6.0f} | {r['all'] / base['all']:6.1f}"
    yield from function_table(result.get("functions", {}))
    for name, s in result.get("sizes", {}).items():
        yield f"size with {name} roots  " + (f"{s['file']}: " + ", ".join(f"{k} {v}" for k, v in s["parts"].items()) if "file" in s else s["missing"])


def function_table(f):
    if "answer" not in f:
        for name, why in f.items():
            yield f"  {name} not measured: {why['missing']}"
        return

    def said(ratio):
        return f"{ratio['value']:.3f} ({ratio['low']:.3f}-{ratio['high']:.3f})"

    yield ""
    yield "answer, us              to no exporter           to one that waits        to SDK disabled"
    for name, a in f["answer"].items():
        yield f"  {name:12} {a['us']:8.1f}    {said(a['to_off']):22}   {said(a['to_finalize']):22}   {said(a['to_disabled'])}"
    yield ""
    yield "from the answer to the next request, us    warm    first"
    for name, t in f["turnaround_us"].items():
        yield f"  {name:12} {t['warm']:31.1f} {t['first']:8.1f}"
    yield ""
    yield "start to the first request, us     to its floor"
    for name, s in f["start"].items():
        yield f"  {name:12} {s['us']:8.1f}             {said(s['ratio'])} of {s['floor']}"
    yield ""
    yield "resident, kB: " + ", ".join(f"{name} {r['start']} to {r['end']}" for name, r in f["rss_kb"].items())
