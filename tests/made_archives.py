"""Small archives with the layouts of the public data sets, made from random images."""

import io
import tarfile
import zipfile

import numpy as np
from PIL import Image

from helpers.data import catalogue


def encoded(kind: str, seed: int) -> bytes:
    buffer = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 256, (12, 12, 3), np.uint8)
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


def made_archive(name: str) -> bytes:
    """A small archive with the layout and the kinds of names of the real one."""
    members = {}
    if name == "flowers":
        for k, kind in enumerate(("daisy", "roses", "tulips")):
            members |= {f"flower_photos/{kind}/{n}_ab.jpg": encoded("JPEG", 100 * k + n) for n in range(10)}
        members["flower_photos/LICENSE.txt"] = b"CC-BY: somebody"
    elif name == "cats_vs_dogs":
        for k, kind in enumerate(("Cat", "Dog")):
            members |= {f"PetImages/{kind}/{n}.jpg": encoded("JPEG", 100 * k + n) for n in range(20)}
            members |= {f"PetImages/{kind}/666.jpg": b"", f"PetImages/{kind}/Thumbs.db": b"x"}
        members |= {"readme[1].txt": b"x", "MSR-LA - 3467.docx": b"x"}
    elif name == "eurosat":
        for k, kind in enumerate(("Forest", "River")):
            members |= {f"2750/{kind}/{kind}_{n}.jpg": encoded("JPEG", 100 * k + n) for n in range(10)}
    elif name == "colorectal_histology":
        root = "Kather_texture_2016_image_tiles_5000"
        for k, kind in enumerate(("01_TUMOR", "02_STROMA")):
            for n in range(40):
                file = f"1A{k}{n}_CRC-Prim-HE-{n % 10 + 1:02d}_{n:03d}.tif_Row_1_Col_151.tif"
                members[f"{root}/{kind}/{file}"] = encoded("TIFF", 100 * k + n)
    elif name == "malaria":
        for k, kind in enumerate(("Parasitized", "Uninfected")):
            for n in range(40):
                smear = ("C33P1thinF", "C1_thinF", "C203ThinF", "C37BP2_thinF", "C100P61ThinF", "C7P2thinF")
                file = f"{smear[n % 6]}_IMG_2015_cell_{n}.png"
                members[f"cell_images/{kind}/{file}"] = encoded("PNG", 100 * k + n)
            members[f"cell_images/{kind}/Thumbs.db"] = b"x"
    elif name == "cifar10":
        names = "airplane automobile bird cat deer dog frog horse ship truck".split()
        members["cifar-10-batches-bin/batches.meta.txt"] = ("\n".join(names) + "\n\n").encode()
        for batch in ("data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5"):
            members[f"cifar-10-batches-bin/{batch}.bin"] = records(20)
        members["cifar-10-batches-bin/test_batch.bin"] = records(20)
    buffer = io.BytesIO()
    if catalogue.entry(name).file.endswith("zip"):
        with zipfile.ZipFile(buffer, "w") as archive:
            for member, content in members.items():
                archive.writestr(member, content)
    else:
        with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
            for member, content in members.items():
                about = tarfile.TarInfo(member)
                about.size = len(content)
                archive.addfile(about, io.BytesIO(content))
    return buffer.getvalue()


def records(n: int) -> bytes:
    """n records of CIFAR-10: the label k, then red 10 * k, green 1, blue 2."""
    one = [bytes([k]) + bytes([10 * k]) * 1024 + b"\1" * 1024 + b"\2" * 1024 for k in range(10)]
    return b"".join(one[k % 10] for k in range(n))
