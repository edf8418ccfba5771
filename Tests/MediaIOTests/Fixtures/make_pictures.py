#!/usr/bin/env python3
"""Makes pictures of all kinds, and expected.txt with what Pillow reads from them.

Needs Pillow 12 or later, pillow-heif and ffmpeg. A line of expected.txt holds a file's name, the largest difference of a sample that
decoders may have, the upright size, whether there is alpha, and the samples in Base64: red, green, blue and, if there is, alpha.
A line of frames.txt holds an animation's name, the largest difference, a frame's duration in milliseconds, and its samples.
"""

import base64
import io
import pathlib
import struct
import subprocess
import sys
import zlib

import pillow_heif
from PIL import Image, ImageCms, ImageOps

WIDTH, HEIGHT = 8, 6
SIZE = (WIDTH, HEIGHT)
folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
folder = (folder if folder.is_dir() else folder.parent) / "pictures"
folder.mkdir(exist_ok=True)
lines = []
frames = []


def samples(channels, depth=8):
    """Numbers without a pattern, of which the first picture elements are the smallest and the largest."""
    top = (1 << depth) - 1
    values = [(index * 40503 + index * index * 977 >> 3) & top for index in range(WIDTH * HEIGHT * channels)]
    values[:channels] = [0] * channels
    values[channels : 2 * channels] = [top] * channels
    return values


def picture(mode):
    channels = len(Image.new(mode, (1, 1)).getbands())
    return Image.frombytes(mode, SIZE, bytes(samples(channels)))


def smooth(mode="RGB"):
    """A picture that lossy formats keep."""
    ramp = [(x * 20 + 40, y * 25 + 50, 200 - x * 10, 255 - y * 40)[: len(mode)] for y in range(HEIGHT) for x in range(WIDTH)]
    return Image.frombytes(mode, SIZE, bytes(value for pixel in ramp for value in pixel))


def expect(name, read, tolerance=0):
    """Adds a line. Alpha is kept if the picture that was read has it."""
    has_alpha = read.mode in ("RGBA", "LA", "PA") or "transparency" in read.info
    pixels = read.convert("RGBA")
    lines.append(
        f"{name} {tolerance} {pixels.width} {pixels.height} {'alpha' if has_alpha else 'opaque'} "
        + base64.b64encode((pixels if has_alpha else pixels.convert("RGB")).tobytes()).decode()
    )


def save(name, image, tolerance=0, expected=None, **options):
    """Saves a picture, and expects what Pillow reads, upright and in sRGB, if nothing else is given."""
    image.save(folder / name, **options)
    if expected is None:
        expected = Image.open(folder / name)
        expected.load()
        profile = expected.info.get("icc_profile")
        expected = ImageOps.exif_transpose(expected)
        if profile:
            mode = "RGBA" if expected.mode == "RGBA" else "RGB"
            expected = ImageCms.profileToProfile(
                expected, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode=mode
            )
    expect(name, expected, tolerance)


def chunk(name, content):
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(name, color, depth, channels, alpha=None, extra=b""):
    """Writes a PNG file of any depth, and expects samples rounded to 8 bits."""
    values = samples(channels, depth)
    rows = b""
    for y in range(HEIGHT):
        row = values[y * WIDTH * channels : (y + 1) * WIDTH * channels]
        bits = "".join(format(value, f"0{depth}b") for value in row)
        bits += "0" * (-len(bits) % 8)
        rows += b"\0" + int(bits, 2).to_bytes(len(bits) // 8, "big")
    header = struct.pack(">IIBBBBB", *SIZE, depth, color, 0, 0, 0)
    (folder / name).write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    )
    top = (1 << depth) - 1
    small = [(value * 255 * 2 + top) // (2 * top) for value in values]
    mode = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[channels]
    read = Image.frombytes(mode, SIZE, bytes(small))
    if alpha is not None:
        mask = [0 if tuple(values[i : i + channels]) == alpha else 255 for i in range(0, len(values), channels)]
        read = read.convert("RGB")
        read.putalpha(Image.frombytes("L", SIZE, bytes(mask)))
    expect(name, read)


def tiff(name, channels):
    """Writes a TIFF file of 16 bits a sample, and expects samples rounded to 8 bits."""
    values = samples(channels, 16)
    content = struct.pack(f"<{len(values)}H", *values)
    fields = [
        (256, 3, 1, WIDTH), (257, 3, 1, HEIGHT), (258, 3, channels, 8 + len(content)), (259, 3, 1, 1),
        (262, 3, 1, 2), (273, 4, 1, 8), (277, 3, 1, channels), (278, 3, 1, HEIGHT), (279, 4, 1, len(content)),
    ]  # fmt: skip
    body = content + struct.pack(f"<{channels}H", *[16] * channels)
    table = struct.pack("<H", len(fields)) + b"".join(struct.pack("<HHII", *field) for field in fields) + bytes(4)
    (folder / name).write_bytes(b"II*\0" + struct.pack("<I", 8 + len(body)) + body + table)
    small = bytes((value * 510 + 65535) // 131070 for value in values)
    expect(name, Image.frombytes("RGB", SIZE, small))


def profile(white, primaries, gamma):
    """An ICC profile of three primaries, which are columns of XYZ for D50, and a gamma."""
    def number(value):
        return struct.pack(">i", round(value * 65536))

    curve = b"curv\0\0\0\0" + struct.pack(">IHH", 1, round(gamma * 256), 0)
    tags = {b"wtpt": b"XYZ \0\0\0\0" + b"".join(map(number, white))}
    for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries):
        tags[name] = b"XYZ \0\0\0\0" + b"".join(map(number, column))
    for name in (b"rTRC", b"gTRC", b"bTRC"):
        tags[name] = curve
    return assembled(b"RGB XYZ ", tags)


def inks_profile():
    """An ICC profile of four inks: a table of two steps an ink, to Lab."""
    entries = bytearray()
    for index in range(16):
        c, m, y, k = (index >> shift & 1 for shift in (3, 2, 1, 0))
        light = (100 - 35 * c - 40 * m - 8 * y) * (1 - 0.85 * k)
        a, b = (-30 * c + 65 * m) * (1 - k), (-40 * c - 5 * m + 80 * y) * (1 - k)
        entries += bytes((max(0, min(255, round(light * 2.55))), max(0, min(255, round(a + 128))), max(0, min(255, round(b + 128)))))
    one = struct.pack(">i", 65536)
    zero = struct.pack(">i", 0)
    matrix = one + zero * 3 + one + zero * 3 + one
    ramp = bytes(range(256))
    table = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + matrix + ramp * 4 + bytes(entries) + ramp * 3
    white = b"XYZ \0\0\0\0" + struct.pack(">iii", 63190, 65536, 54061)
    return assembled(b"CMYKLab ", {b"wtpt": white, b"A2B0": table}, b"prtr")


def assembled(spaces, tags, device=b"mntr"):
    tags = {b"desc": b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + bytes(78), b"cprt": b"text\0\0\0\0none\0", **tags}
    body, table = b"", b""
    start = 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        table += name + struct.pack(">II", start + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    header = bytes(8) + b"\x02\x40\0\0" + device + spaces + bytes(12) + b"acsp" + bytes(28)
    header += struct.pack(">iii", 63190, 65536, 54061)
    header = header.ljust(128, b"\0")
    content = header + struct.pack(">I", len(tags)) + table + body
    return struct.pack(">I", len(content)) + content[4:]


WHITE = (0.9642, 1.0, 0.8249)
P3 = profile(WHITE, ((0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841)), 2.2)
ADOBE = profile(WHITE, ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446)), 2.2)


def exif(number):
    tags = Image.Exif()
    tags[0x112] = number
    return tags.tobytes()


def palette(alpha=None):
    image = Image.frombytes("P", SIZE, bytes(index % 7 for index in range(WIDTH * HEIGHT)))
    image.putpalette([index * 37 % 256 for index in range(21)])
    return image


def make_png():
    for color, channels, depths in ((0, 1, (1, 2, 4, 8, 16)), (2, 3, (8, 16)), (4, 2, (8, 16)), (6, 4, (8, 16))):
        for depth in depths:
            png(f"color{color}-{depth}.png", color, depth, channels)
    png("color0-16-trns.png", 0, 16, 1, (65535,), chunk(b"tRNS", b"\xff\xff"))
    png("color2-8-trns.png", 2, 8, 3, (255,) * 3, chunk(b"tRNS", b"\0\xff" * 3))
    png("color2-16-trns.png", 2, 16, 3, (65535,) * 3, chunk(b"tRNS", b"\xff\xff" * 3))
    # How bright a screen was is not asked.
    png("gamma.png", 2, 8, 3, None, chunk(b"gAMA", struct.pack(">I", 100000)))
    save("palette.png", palette())
    save("palette-trns.png", palette(), transparency=bytes((0, 50, 100, 150, 200, 250, 255)))
    for number in range(1, 9):
        save(f"exif{number}.png", picture("RGB"), exif=exif(number))
    save("p3.png", picture("RGBA"), 1, icc_profile=P3)


def make_jpeg():
    options = {"quality": 95, "subsampling": 0}
    save("color.jpg", smooth(), 1, **options)
    save("subsampled.jpg", smooth(), 1, quality=95, subsampling=2)
    save("progressive.jpg", smooth(), 1, progressive=True, **options)
    save("gray.jpg", smooth().convert("L"), 1, quality=95)
    save("exif6.jpg", smooth(), 1, exif=exif(6), **options)
    save("adobe.jpg", smooth(), 2, icc_profile=ADOBE, **options)
    save("inks.jpg", smooth("CMYK"), 1, **options)
    save("inks-profile.jpg", smooth("CMYK"), 2, icc_profile=inks_profile(), **options)


def make_others():
    save("color.bmp", picture("RGB"))
    save("gray.bmp", picture("L"))
    save("palette.bmp", palette())
    save("color.tga", picture("RGB"))
    save("packed.tga", picture("RGB"), compression="tga_rle")
    save("alpha.tga", picture("RGBA"))
    save("gray.tga", picture("L"))
    save("color.ppm", picture("RGB"))
    save("gray.pgm", picture("L"))
    save("bits.pbm", picture("L").convert("1"))
    deep = samples(3, 16)
    (folder / "deep.ppm").write_bytes(b"P6 8 6 65535\n" + struct.pack(">144H", *deep))
    # The loader cuts the lower bits.
    expect("deep.ppm", Image.frombytes("RGB", SIZE, bytes((value * 510 + 65535) // 131070 for value in deep)), 1)
    for compression in (None, "tiff_lzw", "tiff_adobe_deflate", "packbits"):
        save(f"{compression or 'raw'}.tif", picture("RGB"), compression=compression)
    tiff("deep.tif", 3)
    save("inks.tif", smooth("CMYK"), 1)
    save("bits.tif", picture("L").convert("1"), compression="group4")
    save("gray.tif", picture("L"))
    save("palette.tif", palette())
    # With alpha, the library multiplies the colors.
    save("alpha.tif", smooth("RGBA"), 3)
    for number in range(2, 9):
        save(f"exif{number}.tif", picture("RGB"), exif=exif(number))
    # Three pages, and one with a smaller copy of itself.
    pages = [picture("L") for _ in range(3)]
    pages[0].save(folder / "pages.tif", save_all=True, append_images=pages[1:])
    copy = picture("L").resize((4, 3))
    copy.encoderinfo = {"tiffinfo": {254: 1}}
    pages[0].save(folder / "copy.tif", save_all=True, append_images=[copy])
    save("p3.tif", picture("RGB"), 1, icc_profile=P3)
    save("color.webp", picture("RGB"), lossless=True)
    save("alpha.webp", picture("RGBA"), lossless=True, exact=True)
    save("lossy.webp", smooth(), 1, quality=90)
    save("exif8.webp", picture("RGB"), lossless=True, exif=exif(8))
    save("p3.webp", picture("RGB"), 1, lossless=True, icc_profile=P3)
    save("still.gif", palette())
    save("still-alpha.gif", palette(), transparency=3)
    save("color.jp2", picture("RGB"), irreversible=False)
    save("alpha.jp2", picture("RGBA"), irreversible=False)
    save("deep.jp2", Image.frombytes("I;16", SIZE, struct.pack("<48H", *samples(1, 16))), 1, Image.frombytes("L", SIZE, bytes((value * 510 + 65535) // 131070 for value in samples(1, 16))), irreversible=False)
    save("gray.j2k", picture("L"), irreversible=False)
    large = smooth("RGBA")
    save("color.avif", large.convert("RGB"), 3, quality=95, subsampling="4:4:4")
    save("alpha.avif", large, 3, quality=95, subsampling="4:4:4")
    save("exif6.avif", large.convert("RGB"), 3, quality=95, subsampling="4:4:4", exif=exif(6))
    pillow_heif.register_heif_opener()
    save("color.heic", large.convert("RGB"), 3, quality=95, chroma=444)
    save("exif6.heic", large.convert("RGB"), 3, quality=95, chroma=444, exif=exif(6))


def animated(name, durations, tolerance=0, **options):
    """Saves an animation whose frames are partly transparent, and expects what Pillow or ffmpeg shows of it."""
    shown = []
    for number in range(len(durations)):
        image = Image.new("RGBA", (8, 8))
        image.paste((200, 40 * number, 90, 255), (number, 1, number + 4, 5))
        image.paste((20, 200, 40 * number, 255 if name.endswith("gif") else 120), (2, 3 + number, 6, 7))
        shown.append(image)
    shown[0].save(folder / name, save_all=True, append_images=shown[1:], duration=durations, loop=0, **options)
    if name.endswith("png"):
        # Pillow pastes alpha where the format says that it is blended.
        command = f"ffmpeg -v error -i {folder / name} -fps_mode passthrough -f rawvideo -pix_fmt rgba -"
        pixels = subprocess.run(command.split(), capture_output=True, check=True).stdout
        pictures = [pixels[start : start + 256] for start in range(0, len(pixels), 256)]
    else:
        with Image.open(folder / name) as read:
            pictures = []
            for number in range(len(durations)):
                read.seek(number)
                pictures.append(read.convert("RGBA").tobytes())
    for duration, pixels in zip(durations, pictures, strict=True):
        frames.append(f"{name} {tolerance} {duration} {base64.b64encode(pixels).decode()}")


def make_animated():
    durations = [100, 40, 70, 250]
    for disposal in (0, 1, 2):
        for blend in (0, 1):
            animated(f"disposal{disposal}-blend{blend}.png", durations, 1, disposal=disposal, blend=blend)
        animated(f"disposal{disposal + 1}.gif", durations, disposal=disposal + 1)
    animated("animated.webp", durations, 1, lossless=True, exact=True)
    animated("keyed.webp", durations, 1, lossless=True, exact=True, kmin=1, kmax=2)


make_png()
make_jpeg()
make_others()
make_animated()
(folder / "frames.txt").write_text("\n".join(frames) + "\n")
(folder / "expected.txt").write_text("\n".join(lines) + "\n")
