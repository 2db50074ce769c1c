"""`python -m dialogue.rotate`: seal the engine's database anew. Run by `bot keys rotate`, which sets the environment.

Prints two numbers as JSON: values sealed anew, and values whose key is missing.
"""

import argparse
import json
import sys

from sqlalchemy.exc import SQLAlchemyError

from dialogue.settings import SettingsError, read
from dialogue.store.rotation import rotate
from dialogue.store.sealing import Seal


def main() -> int:
    """Run; returns the exit code."""
    parser = argparse.ArgumentParser(description="Seals the dialogue engine's database anew with the first key.")
    parser.add_argument("--batch", type=int, default=200, help="rows of one transaction")
    arguments = parser.parse_args()
    try:
        settings = read()
        done = rotate(settings.tracker_url, Seal(settings.tracker_keys), arguments.batch)
    except (SettingsError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    except SQLAlchemyError as error:
        print(f"TRACKER_URL cannot be written ({type(error).__name__}). Is the database up?", file=sys.stderr)
        return 1
    print(json.dumps({"changed": done.changed, "unreadable": done.unreadable}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
