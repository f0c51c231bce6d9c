"""`python -m validation.sample DIR`: a submission of invented patients."""

import sys

from validation.sample.command import main

sys.exit(main())
