"""Predict the class of images: python predict.py IMAGE_OR_FOLDER ... (needs keras with a backend, pillow)."""

import glob
import json
import sys
from pathlib import Path

import keras
import numpy as np
from PIL import Image, ImageOps

if len(sys.argv) == 1:
    sys.exit(__doc__)
sys.stdout.reconfigure(errors="backslashreplace")  # a Windows console may lack letters of class names
about = json.loads(Path(__file__).with_name("labels.json").read_text(encoding="utf-8"))
model = keras.saving.load_model(Path(__file__).with_name("model.keras"), compile=False)

names = []
for given in sys.argv[1:]:
    pattern = glob.escape(given) if Path(given).exists() else given  # Windows leaves *.jpg to the program
    names += sorted(glob.glob(f"{pattern}/*") or glob.glob(pattern)) or [given]

for name in names:
    try:
        image = Image.open(name)
        image.draft(None, [2 * max(about["size"])] * 2)  # decode a large JPEG at a fraction of its size
        image = ImageOps.exif_transpose(image)
    except Exception as error:
        print(f"{name}: cannot be read ({error})")
        continue
    if image.mode[0] in "IF":  # more than 8 bits per pixel
        values = np.nan_to_num(np.asarray(image, "float64"), posinf=0, neginf=0)
        high = 1 if image.mode == "F" else 65535
        low, high = (0, high) if 0 <= values.min() <= values.max() <= high else (values.min(), values.max())
        image = Image.fromarray(np.round((values - low) * 255 / max(high - low, 1e-300)).astype("uint8"))
    image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
    pixels = np.asarray(ImageOps.fit(image.convert("RGB"), about["size"]))
    scores = np.asarray(keras.ops.softmax(model.predict(pixels[None], verbose=0)[0]))
    print(f"{name}: {about['labels'][scores.argmax()]} (score {scores.max():.2f})")
