#!/usr/bin/env python3
"""Prints a Markdown file as Doxygen needs it: with a name for each heading, and links to headings by that name.

Doxygen before 1.9.8 gives headings names of its own, so that `[…](#heading)` leads nowhere. Links to files that
become no pages lead to copies of them, in target/docs/html/files.

usage: doxygen-filter.py FILE
"""

import pathlib
import re
import shutil
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
HEADING = re.compile(r"^(##+ +)(.*?)\s*$")
LINK = re.compile(r"\]\((?!\w+:)([^()\s#]*)(?:#([^()\s]+))?\)")
CODE_LINK = re.compile(r"\[`([^`\]]*)`\]\(")
PAGES = ROOT / "target/docs/html"


def anchor(heading):
    """As in check-links.py: what the usual hosts of Git repositories call a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def name(file, heading):
    """A name that no other file has; in ASCII, as Doxygen wants it."""
    text = f"{file.relative_to(ROOT).with_suffix('')}_{heading}"
    return "".join(c if c.isascii() and c.isalnum() else f"_{ord(c):x}" if c not in "/_-" else "_" for c in text)


def main():
    file = pathlib.Path(sys.argv[1]).resolve()

    def link(match):
        target = (file.parent / match[1]).resolve() if match[1] else file
        if match[2]:
            return f"](#{name(target, match[2])})"
        if (target / "README.md").exists():
            return f"]({match[1]}/README.md)"
        if target.suffix in (".md", ".svg") or not target.is_file():
            return match[0]
        copy = PAGES / "files" / target.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(target, copy)
        return f"](./{copy.relative_to(PAGES)})"

    fenced, seen = False, {}
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            fenced = not fenced
        elif not fenced:
            # Doxygen shows the marks of code in a link's text.
            line = CODE_LINK.sub(r"[\1](", LINK.sub(link, line))
            if heading := HEADING.match(line):
                slug = anchor(heading[2])
                seen[slug] = seen.get(slug, -1) + 1
                slug += f"-{seen[slug]}" if seen[slug] else ""
                line = f"{heading[1]}{heading[2]} {{#{name(file, slug)}}}"
        print(line)


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    main()
