"""Predict the class of images: python predict.py IMAGE_OR_FOLDER ... (needs keras with a backend, pillow)."""

import argparse
import json
import sys
from pathlib import Path

import keras
from PIL import Image
from reading import find_images, read_image

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("names", nargs="+", metavar="IMAGE_OR_FOLDER")
names = parser.parse_args().names

sys.stdout.reconfigure(errors="backslashreplace")  # a Windows console may lack letters of class names
folder = Path(__file__).parent
about = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
model = keras.saving.load_model(folder / "model.keras", compile=False)

images = 0
for name in names:
    try:
        paths = find_images(name)
    except FileNotFoundError as error:
        print(error)
        continue
    for path in paths:
        try:
            pixels = read_image(path, about["size"])
        except Exception as error:  # a damaged file must not stop the others
            print(f"{path}: cannot be read ({error})")
            continue
        images += 1
        logits = model.predict(pixels[None], verbose=0)[0]
        scores = keras.ops.convert_to_numpy(keras.ops.softmax(logits))
        best = scores.argmax()
        with Image.open(path) as image:
            width, height = image.size
        small = width < about["size"][0] or height < about["size"][1]
        note = f"; enlarged from {width} x {height} pixels" if small else ""
        print(f"{path}: {about['labels'][best]} (score {scores[best]:.2f}{note})")
if images == 0:
    sys.exit("No image could be read.")
