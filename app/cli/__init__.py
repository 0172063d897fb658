"""The `dragoman` command. Every expected failure ends with one line and status 1, never with a traceback."""

import os
import sys
import traceback

import typer

from app.cli import doctoring, orders, processes, scaffolding, tenants, webhooks
from app.cli.base import Failure
from app.core.refusal import Code, Refusal
from app.settings import PREFIX, SettingError
from app.store import SchemaOutdated, Unusable

__all__ = ["cli", "main"]

cli = typer.Typer(
    name="dragoman",
    help="One order core that partners cancel and return orders on, each in its own dialect.",
    epilog="`dragoman COMMAND --help` shows an example of each.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for module in (processes, orders, tenants, webhooks, doctoring, scaffolding):
    for name, commands in module.COMMANDS.items():
        cli.add_typer(commands, name=name or None)


def main() -> None:
    try:
        cli(prog_name="dragoman")
    except (SettingError, SchemaOutdated, Failure) as problem:
        _fail(str(problem))
    except Unusable as problem:
        _fail(f"the database of DRAGOMAN_DATABASE_URL cannot be used: {_one_line(problem)}")
    except Refusal as refusal:
        _fail(_REFUSED.get(refusal.code) or _words(refusal))
    except OSError as error:
        _fail(": ".join(str(part) for part in (error.filename, error.strerror or error) if part))
    except Exception as error:
        # Its words may hold what nobody should see; whoever asks for them sees everything.
        if os.environ.get(f"{PREFIX}LOG_LEVEL") == "debug":
            traceback.print_exc()
        _fail(f"something unexpected happened ({type(error).__name__}); DRAGOMAN_LOG_LEVEL=debug shows where")


_REFUSED = {
    Code.UNAVAILABLE: "the database cannot be reached: is DRAGOMAN_DATABASE_URL right, and is it running?",
    Code.TIMED_OUT: "the database took too long to answer",
    Code.BUSY: "the database is busy with other writers; try again",
    Code.TENANT_INACTIVE: "the tenant is not active",
    Code.SUBSCRIPTION_NOT_FOUND: "there is no such webhook; `dragoman webhook list` shows all",
}


def _words(refusal: Refusal) -> str:
    from app.dialects.native import errors

    return str(errors.body(refusal)["detail"]).rstrip(".")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _fail(text: str) -> None:
    typer.echo(f"dragoman: {text}", err=True)
    sys.exit(1)
