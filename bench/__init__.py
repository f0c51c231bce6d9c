"""`./portal bench`: speed as a ratio to a floor taken in the same run, never as seconds.

No part of the product: it stands beside the tests, whose plain reading of the rules it measures by.
"""
