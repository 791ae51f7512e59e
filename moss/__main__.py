"""`python -m moss`: the `moss` command, where the one on the path is another's."""

from .cli.main import main

if __name__ == "__main__":
    main()
