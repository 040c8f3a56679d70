"""Predict the class of images: python predict.py IMAGE_OR_FOLDER ... (needs keras with a backend, pillow)."""

import argparse
import json
import sys
from pathlib import Path

import keras

sys.path.insert(0, str(Path(__file__).parent))  # `python -I` leaves it out
from reading import find_images, pages, printable, try_image, upright_size  # noqa: E402
from value_range import unstretched  # noqa: E402

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("names", nargs="+", metavar="IMAGE_OR_FOLDER")
# A file may be named like an option, such as -1.jpg.
given = [f"./{name}" if name.startswith("-") and Path(name).exists() else name for name in sys.argv[1:]]
names = parser.parse_args(given).names

sys.stdout.reconfigure(errors="backslashreplace")  # a Windows console may lack letters of class names
folder = Path(__file__).parent
about = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
model = keras.saving.load_model(folder / "model.keras", compile=False)

images = 0
for name in names:
    if inner := [path.name for path in Path(name).glob("[!.]*/")]:
        print(f"{printable(name)}: sub-folders are left out, such as {printable(inner[0])}")
    try:
        paths = find_images(name)
    except FileNotFoundError as error:
        print(error)
        continue
    for path in paths:
        pixels = try_image(path, about["size"], about["ranges"])
        if isinstance(pixels, str):  # the reason why it cannot be read
            print(f"{printable(path)}: cannot be read ({pixels})")
            continue
        images += 1
        logits = model.predict(pixels[None], verbose=0)[0]
        scores = keras.ops.convert_to_numpy(keras.ops.softmax(logits))
        best = scores.argmax()
        width, height = upright_size(path)
        small = width < about["size"][0] or height < about["size"][1]
        note = f"; enlarged from {width} x {height} pixels" if small else ""
        note += f"; the first of {number} images" if (number := pages(path)) > 1 else ""
        note += "; " + dark if (dark := unstretched(path, about["ranges"])) else ""
        print(f"{printable(path)}: {printable(about['labels'][best])} (score {scores[best]:.2f}{note})")
if images == 0:
    sys.exit("No image could be read.")
