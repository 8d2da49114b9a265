# SPDX-License-Identifier: MIT
"""report LAST.json: what `make bench` has measured, as a table on standard output, and beside the file as report.txt and report.html.

With options, only what they say.
"""

import argparse
import json
import pathlib
import sys

import document
import page
import readme
import terminal


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(prog="report", description=__doc__.partition("\n")[0])
    parser.add_argument("run", type=pathlib.Path, metavar="LAST.json")
    parser.add_argument("--text", action="store_true", help="a table on standard output")
    parser.add_argument("--html", type=pathlib.Path, metavar="FILE", help="one page, complete in itself")
    parser.add_argument("--readme", type=pathlib.Path, metavar="FILE", help="put the table of figures between its two markers")
    parser.add_argument(
        "--summaries", type=pathlib.Path, metavar="FILE", help="the run without single values: what the README's table comes from"
    )
    options = parser.parse_args()
    try:
        doc = document.read(options.run)
        if not (options.text or options.html or options.readme or options.summaries):
            options.text, options.html = True, options.run.with_name("report.html")
            write(options.run.with_name("report.txt"), terminal.text(doc))
        if options.html:
            write(options.html, page.html(doc))
        if options.readme:
            write(
                options.readme,
                readme.written(options.readme.read_text(encoding="utf-8"), document.Document(document.summaries(doc.data))),
            )
        if options.summaries:
            write(options.summaries, json.dumps(document.summaries(doc.data), indent=1, ensure_ascii=False) + "\n")
        if options.text:
            sys.stdout.write(terminal.text(doc))
        if options.text and options.html:
            print(f"\nthe same with all that there is no room for here: {options.html}")
    except (OSError, document.NotAReport, readme.NoMarkers) as e:
        print(f"report: {e}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
