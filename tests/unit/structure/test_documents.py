"""Documents point at what is there: links, decisions, vectors and the scripts that make them."""

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[3]
PAGES: Final = sorted(
    path for pattern in ("*.md", "docs/**/*.md", "changelog/**/*.md") for path in ROOT.glob(pattern)
)
SPECS: Final = sorted((ROOT / "docs/specs").glob("*.md"))
WITHOUT_VECTORS: Final = {
    "axis-content-destination.md": "Axis' protocol, spoken by two Swift clients in tests/journeys",
    "dock-api.md": "asked of a real server in tests/journeys/test_dock_api.py",
    "import-list.md": "written by other systems; tried row by row in tests/integration/ingest",
    "upload.md": "a protocol, spoken by other people's clients in tests/journeys",
    "event-list.md": "read line by line, and refused, in tests/unit/retention/test_event_list.py",
    "force-export.md": "written whole and checked by plain tools in tests/integration/disclosure",
    "retention.md": "its worked table is read from the page and decided row by row",
}


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = [target.partition("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text)]
    ours = [target for target in targets if target and "://" not in target]
    assert [target for target in ours if not (page.parent / target).exists()] == []


def test_every_decision_that_is_named_was_written_down() -> None:
    written = {path.name[:4] for path in (ROOT / "docs/adr").glob("[0-9]*.md")}
    sources = [*PAGES, *(ROOT / "src").rglob("*.py")]
    for path in sources:
        numbers = set(re.findall(r"ADR (\d{4})", path.read_text(encoding="utf-8")))
        assert numbers <= written, named(path)


@pytest.mark.parametrize("spec", SPECS, ids=named)
def test_every_format_has_vectors_and_the_script_that_makes_them(spec: Path) -> None:
    text = spec.read_text(encoding="utf-8")
    if spec.name in WITHOUT_VECTORS:
        assert "tests/vectors/" not in text
        return
    (script,) = set(re.findall(r"tests/vectors/make_\w+\.py", text))
    (vectors,) = set(re.findall(r"tests/vectors/[a-z-]+/vectors\.json", text))
    assert (ROOT / script).exists()
    assert (ROOT / vectors).exists()


def test_every_fragment_of_the_changelog_says_its_kind() -> None:
    for path in (ROOT / "changelog/unreleased").glob("*.md"):
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert re.fullmatch(r"Kind: (Feature|Change|Fix|Security)", first), path.name


def test_every_guide_is_there_and_the_readme_leads_to_it() -> None:
    readers = {"officer", "supervisor", "operator", "developer", "defence-expert", "person-filmed"}
    readers |= {"oversight", "auditor", "evidence-manager", "investigator"}
    assert {path.stem for path in (ROOT / "docs/guides").glob("*.md")} == readers
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in readers if f"(docs/guides/{name}.md)" not in readme] == []


def test_every_picture_is_shown_somewhere() -> None:
    shown = {
        name
        for page in PAGES
        for name in re.findall(r"\]\(\S*pictures/([\w-]+\.png)\)", page.read_text("utf-8"))
    }
    assert {path.name for path in (ROOT / "docs/pictures").iterdir()} == shown


def test_the_developers_guide_names_files_and_targets_that_are_there() -> None:
    guide = (ROOT / "docs/guides/developer.md").read_text(encoding="utf-8")
    paths = re.findall(r"`((?:src|tests|docs)/[^`\s]+)`", guide)
    assert len(paths) > 20
    assert [path for path in paths if not (ROOT / path).exists()] == []
    made = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z-]+)(?=[ `])", guide)) <= made
    modules = re.findall(r"python -m (tests\.[\w.]+)", guide)
    assert all((ROOT / f"{name.replace('.', '/')}.py").exists() for name in modules)
