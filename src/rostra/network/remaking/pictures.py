"""Pictures: decoded, set upright, brought to sRGB and to size, and encoded anew. Nothing else of the file is kept."""

from __future__ import annotations

import io
import struct
import warnings
from pathlib import Path
from typing import Final

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from rostra.network.remaking.blurhash import blurhash
from rostra.network.remaking.errors import Refused
from rostra.network.remaking.orders import Kind, Made, Meta, Order, Shape
from rostra.network.remaking.picture_hash import picture_hash
from rostra.network.remaking.sniffing import GIF, JPEG, Format

LARGEST_EDGE_PX: Final = 3840
LARGEST_PIXELS: Final = 8_294_400
SMALL_EDGE_PX: Final = 640
PROFILE_SIZES: Final = {Shape.AVATAR: (400, 400), Shape.HEADER: (1500, 500)}
LOSSLESS_BYTES: Final = 2_000_000
"""A drawing or a screenshot stays lossless up to this size; a photo that came as PNG does not."""
_DAMAGE: Final = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    RuntimeError,
    struct.error,
)
"""How Pillow's decoders report damage."""


class IsMoving(Exception):  # no failure: it is to be made by somebody else
    """The picture is an animation."""


def remake_picture(order: Order, form: Format) -> Made:
    """Make the picture and its small one in the order's folder. Raises Refused, IsMoving."""
    Image.MAX_IMAGE_PIXELS = order.limits.picture_pixels
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(order.source, formats=(form.name,)) as opened:
                _check_size(opened.width * opened.height, order.limits.picture_pixels)
                if form is GIF and order.shape is Shape.PICTURE and getattr(opened, "is_animated", False):
                    raise IsMoving
                if form is JPEG:
                    opened.draft(None, (LARGEST_EDGE_PX, LARGEST_EDGE_PX))
                picture = _in_srgb(ImageOps.exif_transpose(opened))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(repr(error), order.limits.picture_pixels) from error
    except UnidentifiedImageError as error:
        raise Refused(repr(error)) from error
    except _DAMAGE as error:
        raise Refused(repr(error)) from error
    return _written(order, picture, is_drawing=form.name in ("PNG", "GIF"))


def small_picture(picture: Image.Image, folder: Path) -> tuple[str, tuple[int, int]]:
    """Write the small picture; its name and size."""
    small = picture.copy()
    small.thumbnail((SMALL_EDGE_PX, SMALL_EDGE_PX), Image.Resampling.LANCZOS)
    name = "small.jpg" if small.mode == "RGB" else "small.webp"
    (folder / name).write_bytes(_encoded(small, name, quality=80))
    return name, small.size


def _written(order: Order, picture: Image.Image, *, is_drawing: bool) -> Made:
    folder = Path(order.folder)
    if (fixed := PROFILE_SIZES.get(order.shape)) is not None:
        picture = ImageOps.fit(picture, fixed, Image.Resampling.LANCZOS)
    else:
        scale = min(1.0, (LARGEST_PIXELS / (picture.width * picture.height)) ** 0.5)
        edges = (min(LARGEST_EDGE_PX, int(picture.width * scale)), min(LARGEST_EDGE_PX, int(picture.height * scale)))
        picture.thumbnail((max(1, edges[0]), max(1, edges[1])), Image.Resampling.LANCZOS)
    name, content = _best(picture, is_drawing=is_drawing)
    (folder / name).write_bytes(content)
    small, small_size = small_picture(picture, folder)
    meta = Meta(width=picture.width, height=picture.height, small_width=small_size[0], small_height=small_size[1])
    return Made(
        kind=Kind.IMAGE, file=name, small=small, meta=meta, blurhash=blurhash(picture), hash=picture_hash(picture)
    )


def _best(picture: Image.Image, *, is_drawing: bool) -> tuple[str, bytes]:
    """PNG for what was drawn, JPEG for photos, WebP for photos that are partly clear."""
    if is_drawing and len(content := _encoded(picture, "picture.png")) <= LOSSLESS_BYTES:
        return "picture.png", content
    name = "picture.jpg" if picture.mode == "RGB" else "picture.webp"
    return name, _encoded(picture, name)


def _encoded(picture: Image.Image, name: str, *, quality: int = 86) -> bytes:
    file = io.BytesIO()
    if name.endswith(".png"):
        picture.save(file, "PNG")
    elif name.endswith(".webp"):
        picture.save(file, "WEBP", quality=quality, exact=False)
    else:
        picture.save(file, "JPEG", quality=quality, optimize=True, progressive=True)
    return file.getvalue()


def _in_srgb(picture: Image.Image) -> Image.Image:
    """A copy of the pixels alone, RGB or RGBA, as a viewer without colour management has to show them."""
    profile = picture.info.get("icc_profile")
    if picture.mode.startswith("I") or picture.mode == "F":
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")  # 16 bits of grey
    has_alpha = picture.has_transparency_data
    if picture.mode in ("P", "PA", "1") or (has_alpha and picture.mode not in ("RGBA", "LA")):
        picture = picture.convert("RGBA" if has_alpha else "RGB")
    if profile:
        picture = _by_profile(picture, profile)
    plain = picture.convert("RGBA" if has_alpha else "RGB")
    if has_alpha and plain.getchannel("A").getextrema()[0] == 255:
        plain = plain.convert("RGB")
    clean = Image.new(plain.mode, plain.size)
    clean.paste(plain)
    return clean


def _by_profile(picture: Image.Image, profile: bytes) -> Image.Image:
    """The colours that the profile means, in sRGB. One that cannot be read is passed over, as browsers do."""
    alpha = picture.getchannel("A") if picture.mode in ("RGBA", "LA") else None
    colours = {"RGBA": "RGB", "LA": "L"}.get(picture.mode, picture.mode)
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        changed = ImageCms.profileToProfile(picture.convert(colours), source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return picture
    if changed is None:
        return picture
    if alpha is not None:
        changed.putalpha(alpha)
    return changed


def _check_size(pixels: int, most: int) -> None:
    if pixels > most:
        raise _too_many_pixels(f"{pixels} pixels", most)


def _too_many_pixels(log_text: str, most: int) -> Refused:
    text = f"The picture may have {most // 1_000_000} megapixels. Make it smaller first."
    return Refused(log_text, user_message=text)
