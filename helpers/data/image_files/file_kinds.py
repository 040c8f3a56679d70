"""What a file is, by its content, and what to do if it cannot be read as an image.

Exported models take this module along: it needs only the standard library.
"""

import codecs
import re
from dataclasses import dataclass
from pathlib import PurePath

HEAD = 4096  # bytes at the beginning of a file that show what it is
NOTE = "a note, not an image"  # such files lie beside images on purpose, so they are not missed
_EXPORT = "export it as JPEG or PNG"
_AGAIN = "download or copy it again"

NOTE_SUFFIXES = frozenset(
    ".txt .text .md .rst .rtf .csv .tsv .json .jsonl .geojson .xml .yaml .yml .toml .ini .cfg .log .html "
    ".htm .py .r .m .ipynb .tex .bib .url .xmp .aae .pp3 .xlsx .xls .ods .docx .doc .odt".split()
)
IMAGE_SUFFIXES = frozenset(
    ".jpg .jpeg .jpe .jfif .png .apng .gif .bmp .dib .tif .tiff .webp .avif .ppm .pgm .pbm .pnm .tga .ico "
    ".pcx .jp2 .j2k .psd".split()
)


class UnreadableImage(ValueError):
    """An image that is refused although Pillow could open it; the message says why, with a remedy."""


_OFFICE = rb"PK\x03\x04|\xd0\xcf\x11\xe0"  # notes that are stored as archives or compound files


@dataclass(frozen=True)
class Kind:
    """A kind of file that cannot be read as an image.

    Args:
        name: such as "a HEIC image".
        remedy: what to do with it.
        magic: regular expression that the first bytes match.
        suffixes: usual ends of file names, in lower case.
        container: many programs use such files for data of their own, so the name shows more.

    Example:
        >>> kind_of(b"%PDF-1.7").remedy
        'export it as JPEG or PNG'
    """

    name: str
    remedy: str
    magic: bytes
    suffixes: tuple[str, ...] = ()
    container: bool = False

    def __str__(self):
        return f"{self.name}; {self.remedy}"


RAW = Kind(
    "a raw photo of a camera",
    _EXPORT,
    # Canon CR3, CR2 and CRW, Fujifilm, Olympus, Panasonic, Sigma, Minolta.
    rb"....ftypcrx |(II\*\0|MM\0\*)....CR|II....HEAPCCDR|FUJIFILMCCD-RAW|IIR[OS]|MMOR|IIU\0|FOVb|\0MRM",
    tuple(
        ".dng .cr2 .cr3 .crw .nef .nrw .arw .srf .sr2 .raf .orf .rw2 .pef .srw .x3f .3fr .iiq .mrw .erf "
        ".kdc .dcr .mos .rwl .raw".split()
    ),
)
_METAFILES = (".wmf", ".emf", ".wmz", ".emz")
ARCHIVES = (".zip", ".rar", ".7z", ".gz", ".tgz", ".tar", ".bz2", ".xz")
# The first kind whose magic matches is taken, so special kinds come before general ones.
KINDS = (
    RAW,
    Kind("an AVIF image", _EXPORT, rb"....ftyp(avi[fs]|mif1.{0,24}avif)", (".avif", ".avifs")),
    Kind("a HEIC image", _EXPORT, rb"....ftyp(he[a-z]{2}|mif1|msf1)", (".heic", ".heif", ".hif")),
    Kind("a JPEG XL image", _EXPORT, rb"\xff\x0a|\0\0\0\x0cJXL ", (".jxl",)),
    Kind("a JPEG XR image", _EXPORT, rb"II\xbc", (".jxr", ".wdp", ".hdp")),
    Kind("a JPEG 2000 image", _EXPORT, rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51", (".jp2", ".j2k", ".jpx")),
    Kind("a WebP image that is damaged or of an unknown kind", _EXPORT, rb"RIFF....WEBP", (".webp",)),
    Kind("a medical image (DICOM)", _EXPORT, rb".{128}DICM", (".dcm", ".dicom")),
    Kind(
        "a medical volume (NIfTI, NRRD or MetaImage)",
        "export its slices as PNG",
        rb".{344}n[+i]1\0|NRRD000|ObjectType",
        (".nii", ".nrrd", ".mha", ".mhd", ".mgh", ".mgz"),
    ),
    Kind(
        "an astronomical image (FITS, PDS or VICAR)",
        _EXPORT,
        rb"SIMPLE  =|PDS_VERSION_ID|CCSD3Z|NJPL1I00|ODL_VERSION_ID|LBLSIZE=|Object = IsisCube",
        (".fits", ".fit", ".fts", ".vic", ".cub"),
    ),
    Kind(
        "a web page",
        f"the download of the image failed; {_AGAIN}",
        rb"(?i:(\xef\xbb\xbf)?\s*(<\?xml.{0,300}|<!--.{0,300})?<(!doctype html|html|head|body))",
    ),
    Kind("a drawing (SVG)", _EXPORT, rb"(\xef\xbb\xbf)?\s*(<[?!].{0,2000})?<svg[\s>]", (".svg", ".svgz")),
    Kind("a PDF document", _EXPORT, rb"%PDF-", (".pdf",)),
    Kind("a PostScript file", _EXPORT, rb"%!PS|\xc5\xd0\xd3\xc6", (".eps", ".ps", ".ai")),
    Kind("a Photoshop file", _EXPORT, rb"8BPS", (".psd", ".psb")),
    Kind("a layered image (GIMP, Krita or OpenRaster)", _EXPORT, rb"gimp xcf", (".xcf", ".kra", ".ora")),
    Kind("a DjVu document", _EXPORT, rb"AT&TFORM", (".djvu",)),
    Kind("a drawing (Windows metafile)", _EXPORT, rb"\xd7\xcd\xc6\x9a|\x01\0\0\0.{36} EMF", _METAFILES),
    Kind("a high dynamic range image", _EXPORT, rb"v/1\x01|#\?RADIANCE|#\?RGBE", (".exr", ".hdr")),
    Kind(
        "a microscope file",
        "export its images as PNG or TIFF",
        rb"ZISRAWFILE|\xda\xce\xbe\x0a|p\0\0\0.{4}\*",
        (".czi", ".nd2", ".lif", ".oib", ".oif", ".oir", ".vsi", ".lsm", ".zvi", ".mic", ".ims", ".ipw"),
    ),
    Kind(
        "a video",
        "save single frames as JPEG or PNG",
        rb"....(ftyp|moov|mdat|wide|free|skip)|\x1aE\xdf\xa3|RIFF....AVI |\0\0\x01[\xba\xb3]|FLV\x01"
        rb"|0&\xb2u\x8ef\xcf\x11|G.{187}G.{187}G",
        (".mp4", ".mov", ".m4v", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".3gp", ".mts", ".flv"),
    ),
    Kind(
        "a sound file",
        "remove it",
        rb"RIFF....WAVE|ID3|OggS|fLaC|\xff[\xf2\xf3\xfa\xfb]",
        (".wav", ".mp3", ".m4a"),
    ),
    Kind(
        "an array",
        _EXPORT,
        rb"\x93NUMPY|\x89HDF\r\n\x1a\n|MATLAB 5\.0|PAR1",
        (".npy", ".npz", ".h5", ".hdf5", ".mat", ".pt", ".pth", ".pkl", ".parquet", ".tfrecord"),
        container=True,
    ),
    Kind(
        "an Office document",
        "save its images as JPEG or PNG",
        rb"PK\x03\x04.{26,60}(\[Content_|mimetype)",
        (".ppt", ".pptx", ".odp", ".key", ".pages"),
        container=True,
    ),
    Kind(
        "a compound file of a microscope or of Office",
        "export its images as JPEG or PNG",
        rb"\xd0\xcf\x11\xe0",
        container=True,
    ),
    Kind("a Live Photo", "export its photo as JPEG or PNG", rb"(?!)", (".livp",)),
    Kind(
        "an archive",
        "unpack it",
        rb"PK[\x03\x05]|Rar!|7z\xbc\xaf|\x1f\x8b|BZh|\xfd7zXZ|(\x28\xb5|\x04\x22M)|.{257}ustar",
        ARCHIVES,
        container=True,
    ),
    Kind(
        "a placeholder of iCloud", "download the image from iCloud", rb"bplist00.{0,200}NSURL", (".icloud",)
    ),
    Kind("a Git LFS pointer", "run `git lfs pull`", rb"version https://git-lfs|/annex/objects/"),
    Kind("metadata of macOS", "remove it", rb"\0\x05\x16[\0\x07]|Bud1"),
    Kind("a Windows shortcut", "copy the image itself", rb"L\0\0\0\x01\x14\x02", (".lnk",)),
    Kind("a database", "remove it", rb"SQLite format 3", (".db", ".sqlite")),
)
_KNOWN = {  # formats that are read unless the file is damaged
    rb"\xff\xd8\xff": "JPEG",
    rb"\x89PNG": "PNG",
    rb"GIF8": "GIF",
    rb"BM": "BMP",
    rb"II[*+]\0|MM\0[*+]": "TIFF",
}


def kind_of(head: bytes, suffix: str = "") -> Kind | None:
    r"""Return what a file is that cannot be read as an image, or None if that is unknown.

    Args:
        head: its first `HEAD` bytes, or fewer.
        suffix: of its name, such as ".heic"; it counts only if the content does not show the kind, or shows
            a container.

    Example:
        >>> [str(kind_of(b"PK\3\4", suffix)) for suffix in (".zip", ".npz")]
        ['an archive; unpack it', 'an array; export it as JPEG or PNG']
    """
    named = next((kind for kind in KINDS if suffix in kind.suffixes), None)
    for kind in KINDS:
        if re.match(kind.magic, head, re.DOTALL):
            return named if named and kind.container else kind
    if any(re.match(magic, head) for magic in _KNOWN) and suffix not in RAW.suffixes:
        return None
    return named


def why_unreadable(head: bytes, name: str, problem: str, end: bytes = b"") -> str:
    """Say why a file cannot be read as an image, and what to do.

    Args:
        head: its first `HEAD` bytes, or fewer.
        name: of the file.
        problem: what went wrong while it was read.
        end: its last bytes: some images begin with a header of text.

    Returns:
        `NOTE`, or a description and a remedy, joined by a semicolon.

    Example:
        >>> why_unreadable(b"<!DOCTYPE html><title>404", "rose.jpg", "cannot identify image file")
        'a web page; the download of the image failed; download or copy it again'
        >>> why_unreadable(b"%PDF-1.7", "rose.jpg", "cannot identify image file")
        'a PDF document; export it as JPEG or PNG'
        >>> why_unreadable(b"who, when", "labels.csv", "cannot identify image file")
        'a note, not an image'
    """
    path = PurePath(name.lower())
    inner = PurePath(path.stem).suffix  # of brain.nii.gz
    suffix = inner if path.suffix == ".gz" and inner else path.suffix
    note = suffix in NOTE_SUFFIXES
    if note and (b"\0" not in head + end or re.match(_OFFICE, head)):  # the content of an image comes first
        return NOTE
    if not head:
        return f"empty file; {_AGAIN}"
    if kind := kind_of(head, suffix):
        return str(kind)
    if _is_text(head) and b"\0" not in end:
        return f"text instead of an image; {_AGAIN}" if suffix in IMAGE_SUFFIXES else NOTE
    for magic, known in _KNOWN.items():
        if re.match(magic, head):
            return f"{known} file that is damaged or of an unknown kind ({problem}); {_AGAIN}, or {_EXPORT}"
    if note:  # in UTF-16, say
        return NOTE
    if not head.strip(b"\0"):
        return f"only zeros instead of an image; {_AGAIN}"
    return f"not an image that Pillow can read; {_EXPORT}"


def _is_text(head: bytes) -> bool:
    """Return True if the bytes can be UTF-8 text; the last character may be cut off."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return all(c.isprintable() or c.isspace() for c in text)
