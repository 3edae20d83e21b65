#!/usr/bin/env python3
"""Checks the links within the Markdown files of the tree and within the pages made of them.

Of a link to a file the file must be there, of one to a place in it (`#name`) the place, too. Links to other hosts
are not followed.

usage: check-links.py FOLDER_OF_PAGES
"""

import functools
import html.parser
import pathlib
import re
import subprocess
import sys
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
LINK = re.compile(r"!?\[[^\]]*\]\(([^()\s]+)\)")
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ +(.*?)\s*$", re.MULTILINE)


class Page(html.parser.HTMLParser):
    """The links of a page, and the places that it can be linked to at."""

    def __init__(self, text):
        super().__init__()
        self.links, self.places = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("id", "name") and tag != "meta":
                self.places.add(value)
            elif (tag, name) in {("a", "href"), ("link", "href"), ("img", "src"), ("script", "src"), ("object", "data")}:
                self.links.append(value)


class Markdown:
    """The same of a Markdown file."""

    def __init__(self, text):
        text = CODE.sub(lambda match: "" if match[0].startswith("```") else match[0], text)
        self.places, seen = set(), {}
        for heading in HEADING.findall(text):
            slug = anchor(heading)
            seen[slug] = seen.get(slug, -1) + 1
            self.places.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        self.links = LINK.findall(CODE.sub("", text))


def anchor(heading):
    """What a heading is called in links, on the usual hosts of Git repositories."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@functools.cache
def read(file):
    text = file.read_text(encoding="utf-8")
    return Page(text) if file.suffix == ".html" else Markdown(text)


def broken(files, is_whole):
    """Links that lead nowhere. `is_whole`: whether a place in a file can be looked up."""
    for file in files:
        for link in read(file).links:
            parts = urllib.parse.urlsplit(link or "")
            # Doxygen links from a page's top to nested classes also when it shows none.
            if parts.scheme or parts.netloc or not link or link == "#nested-classes":
                continue
            target = (file.parent / urllib.parse.unquote(parts.path)).resolve() if parts.path else file
            if not target.exists():
                yield f"{file.relative_to(ROOT)}: {link}: there is no such file"
            elif parts.fragment and is_whole(target):
                place = urllib.parse.unquote(parts.fragment)
                if place not in read(target).places:
                    yield f"{file.relative_to(ROOT)}: {link}: there is no such place in it"


def main():
    pages = sorted(pathlib.Path(sys.argv[1]).resolve().glob("*.html"))
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT, capture_output=True, check=True, text=True,
    ).stdout.split("\0")
    # A copy of the class's documentation, cut off before the sections that it links to.
    foreign = {"tests/python/nexus-loader-python-class.md"}
    texts = [ROOT / name for name in listed if name and name not in foreign and (ROOT / name).exists()]
    failures = [
        *broken(texts, lambda target: target.suffix == ".md"),
        *broken(pages, lambda target: target.suffix == ".html"),
    ]
    for failure in failures:
        print(failure, file=sys.stderr)
    print(f"links of {len(texts)} texts and {len(pages)} pages: {len(failures)} broken")
    return 1 if failures or not texts or not pages else 0


if __name__ == "__main__":
    sys.exit(main())
