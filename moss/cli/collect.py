"""`moss collect`: what consenting people said, as training data; counts of it; and taking it out again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..counts import counted
from .store import Setting, on_store

if TYPE_CHECKING:
    from ..server.collection import CollectionStatistics

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="A new folder for the files and their manifest.")],
    since: Annotated[
        str | None, typer.Option("--since", metavar="ID", help="Only what came after this export, by its id.")
    ] = None,
    pairs: Annotated[
        bool, typer.Option("--pairs/--no-pairs", help="Preference pairs of choices, thumbs and regenerated replies.")
    ] = True,
    tags: Annotated[
        bool, typer.Option("--tags", help="Turn thumbs into quality tags: 100 for up, 0 for down.")
    ] = False,
    settings: Setting = None,
) -> None:
    """Write what was collected with consent, without personal data, as files that `moss train` reads."""
    from ..flywheel.export import ExportSettings
    from ..server.collection import export_collected

    wanted = ExportSettings(pairs=pairs, tags=tags)
    manifest = on_store(settings, lambda database: export_collected(database, folder, wanted, since))
    _tell(manifest, folder)


@app.command()
def stats(settings: Setting = None) -> None:
    """Show how much was said, how much of it may be exported, and what it is about."""
    from rich.console import Console
    from rich.table import Table

    from ..server.collection import statistics

    found = on_store(settings, statistics)
    table = Table("", "", show_header=False, box=None)
    for name, value in _rows(found):
        table.add_row(name, value)
    Console().print(table)


@app.command()
def withdraw(
    user: Annotated[str, typer.Argument(help="The name of a user (`local` on a server without accounts).")],
    settings: Setting = None,
) -> None:
    """Take back a user's consent: nothing of theirs is exported any more, and `drop` takes it out of older exports."""
    from ..server import collection

    exported = on_store(settings, lambda database: collection.withdraw(database, user))
    typer.echo(f"{user} has no consent any more.")
    if exported:
        held = counted(exported, "message")
        typer.echo(f"Earlier exports hold {held}: `moss collect drop FILE --out FILE` takes them out.")


@app.command()
def drop(
    file: Annotated[Path, typer.Argument(help="A .jsonl file of an export.")],
    out: Annotated[Path, typer.Option("--out", help="Where what stays is written; may be the same file.")],
    manifest: Annotated[
        Path | None,
        typer.Option(
            "--manifest", help="Manifest of a later export that names what is withdrawn, in place of a database."
        ),
    ] = None,
    settings: Setting = None,
) -> None:
    """Take out of an earlier export what was deleted or withdrawn since."""
    from ..flywheel import withdrawal

    if manifest is not None:
        hashes = withdrawal.withdrawn_in(manifest)
    else:
        from ..server.collection import withdrawn_hashes

        hashes = on_store(settings, withdrawn_hashes)
    found = withdrawal.drop(file, out, hashes)
    typer.echo(f"{counted(found.kept, 'line')} kept, {found.dropped} dropped -> {out}")


def _tell(manifest: dict[str, Any], folder: Path) -> None:
    counts = manifest["counts"]
    kinds = [
        counted(counts[kind], kind.removesuffix("s"))
        for kind in ("conversations", "prompts", "pairs")
        if kind in counts
    ]
    users = counted(counts["users"], "user")
    typer.echo(f"{', '.join(kinds) or 'nothing'} of {users} -> {folder} (export {manifest['id']})")
    for title, key in (("Left out", "left_out"), ("Replaced", "personal_data")):
        if manifest[key]:
            typer.echo(f"{title}: " + ", ".join(f"{number} {name}" for name, number in manifest[key].items()))
    if manifest["withdrawn"]:
        typer.echo(
            f"Earlier exports hold {counted(len(manifest['withdrawn']), 'message')} that may not be used any more: "
            f"`moss collect drop FILE --manifest {folder / 'manifest.json'} --out FILE`"
        )


def _rows(found: CollectionStatistics) -> list[tuple[str, str]]:
    rows = [
        ("users", f"{found.users}, {found.consenting_users} with consent"),
        ("chats", str(found.chats)),
        ("messages", f"{found.messages}, {found.exportable_messages} may be exported"),
    ]
    for title, counter in (
        ("by language", found.by_language),
        ("by intent", found.by_intent),
        ("by day", found.by_day),
        ("by rating", found.by_rating),
        ("by choice", found.by_verdict),
    ):
        if counter:
            rows.append((title, ", ".join(f"{name} {number}" for name, number in sorted(counter.items()))))
    return rows
