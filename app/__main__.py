"""`python -m app` and the console command `dragoman`."""

from app.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
