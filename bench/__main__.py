"""`python -m bench`: the measurements, where a database for tests is at hand."""

import sys

from bench.command import main

sys.exit(main())
