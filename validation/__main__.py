"""`python -m validation FILE`: the desk checker."""

import sys

from validation.desk import main

sys.exit(main())
