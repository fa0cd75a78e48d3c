"""What every test shares: a data folder of its own, set before Django reads its settings."""

import os
import tempfile

_FOLDER = tempfile.mkdtemp(prefix="fairwitness-tests-")
os.environ["FAIRWITNESS_DATA"] = _FOLDER
