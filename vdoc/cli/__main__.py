"""`python -m vdoc.cli`, for those without the console script."""

from vdoc.cli.app import main

if __name__ == "__main__":
    main()
