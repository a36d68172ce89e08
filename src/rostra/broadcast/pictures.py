"""Pictures of broadcasts: whatever was uploaded becomes a small, clean JPEG."""

from __future__ import annotations

import io
import warnings
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from rostra.platform.errors import Invalid

UPLOAD_BYTES: Final = 10_000_000
UPLOAD_PIXELS: Final = 50_000_000
FORMATS: Final = ("JPEG", "PNG", "WEBP")
WIDEST_PX: Final = 1600
HIGHEST_PX: Final = 1200
SUFFIX: Final = "jpg"
MEDIA_TYPE: Final = "image/jpeg"


def clean_picture(upload: bytes) -> bytes:
    """The upload as a JPEG of at most 1600 × 1200 pixels: upright, on white, without EXIF or any other metadata.

    The size is checked before a pixel is decoded, so a small file that unpacks to gigabytes is refused.
    Takes CPU time: call it in a thread. Raises Invalid with field "picture".
    """
    if len(upload) > UPLOAD_BYTES:
        raise _refused("upload too large", f"The picture may have {UPLOAD_BYTES // 1_000_000} MB.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(upload), formats=FORMATS) as picture:
                if picture.width * picture.height > UPLOAD_PIXELS:
                    raise _refused("too many pixels", "The picture may have 50 megapixels. Make it smaller first.")
                picture.draft("RGB", (2 * WIDEST_PX, 2 * HIGHEST_PX))
                upright = ImageOps.exif_transpose(picture)
                flat = _on_white(upright)
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _refused(repr(error), "This is no picture that Rostra can read. Send a JPEG, PNG or WebP.") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:  # how Pillow's decoders report damage
        raise _refused(repr(error), "The picture is damaged. Save it again and retry.") from error
    flat.thumbnail((WIDEST_PX, HIGHEST_PX), Image.Resampling.LANCZOS)
    result = io.BytesIO()
    flat.save(result, "JPEG", quality=82, optimize=True, progressive=True)
    return result.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.has_transparency_data:
        layered = picture.convert("RGBA")
        ground = Image.new("RGBA", layered.size, "white")
        ground.alpha_composite(layered)
        return ground.convert("RGB")
    return picture.convert("RGB")


def _refused(log_text: str, user_message: str) -> Invalid:
    return Invalid(log_text, user_message=user_message, field="picture")
