"""Deep Transfer Learning, Hands On: the models, data and widgets behind the notebooks.

Nothing heavy is imported here, so `import helpers` is instant.
"""

import os
import sys

__version__ = "0.9.0"  # CHANGELOG.md says what is new; CITATION.cff has the same

# After os.chdir, a relative path names another folder. Worker processes start there: they have to find this
# package and the same folders.
_ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
if _ROOT not in sys.path:
    sys.path.append(_ROOT)
for _name in ("TRANSFER_CACHE_DIR", "TRANSFER_DATA_DIR"):
    if _named := os.environ.get(_name):
        os.environ[_name] = os.path.abspath(os.path.expanduser(_named))
