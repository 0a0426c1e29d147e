"""Unpacks two libraries and the C headers from the wheel in a folder, and deletes the wheel.

Usage: unpack_wheel.py FOLDER LIBRARY...
The whole wheel is several times larger than what the binding needs.
"""

import pathlib
import shutil
import sys
import zipfile

HEADERS = (
    "tensorflow/include/tensorflow/c/",
    "tensorflow/include/tensorflow/core/platform/ctstring",
    "tensorflow/include/xla/tsl/c/",
    "tensorflow/include/tsl/platform/ctstring",
)

folder = pathlib.Path(sys.argv[1])
libraries = {"tensorflow/" + name for name in sys.argv[2:]}
(wheel,) = folder.glob("*.whl")
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        if name in libraries:
            libraries.remove(name)
            with archive.open(name) as source, open(folder / pathlib.Path(name).name, "wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
        elif name.startswith(HEADERS) and name.endswith(".h"):
            archive.extract(name, folder)
wheel.unlink()
if libraries:
    sys.exit(f"error: the wheel lacks {sorted(libraries)}")
