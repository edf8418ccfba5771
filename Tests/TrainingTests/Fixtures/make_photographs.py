#!/usr/bin/env python3
"""Photographs of all sorts and what is none, for PhotoSetTests. usage: make_photographs.py (with pillow), in this folder

An image of 96 x 72: red rises to the right, green downwards, blue is 60.
"""
import os

from PIL import Image

os.makedirs("photographs", exist_ok=True)
image = Image.new("RGB", (96, 72))
image.putdata([(x * 255 // 95, y * 255 // 71, 60) for y in range(72) for x in range(96)])


def save(image, name, **options):
    image.save("photographs/" + name, **options)


save(image, "colour.jpg", quality=95)
save(image, "progressive.jpg", quality=95, progressive=True)
save(image.convert("L"), "grey.jpg", quality=95)
save(image.convert("CMYK"), "cmyk.jpg", quality=95)
save(image.convert("P", palette=Image.Palette.ADAPTIVE, colors=64), "palette.png")
save(image.convert("1"), "bilevel.png")
save(Image.new("I;16", (96, 72), 40000), "deep-grey.png")
transparent = image.convert("RGBA")
transparent.putalpha(Image.new("L", (96, 72), 128))
save(transparent, "transparent.png")
turned = Image.Exif()
turned[0x0112] = 6
save(image, "turned.jpg", quality=95, exif=turned)
save(image, "picture.bmp")
save(image, "picture.tif")
save(image, "still.webp", quality=90)
frames = [image.rotate(angle) for angle in (0, 20, 40)]
save(frames[0].quantize(32), "animated.gif", save_all=True, append_images=[f.quantize(32) for f in frames[1:]], duration=40, loop=0)
save(frames[0], "animated.webp", save_all=True, append_images=frames[1:], duration=40, quality=60)
save(image.resize((20, 15)), "tiny.png")

whole = open("photographs/colour.jpg", "rb").read()
open("photographs/cut-short.jpg", "wb").write(whole[:300])
open("photographs/cut-half.jpg", "wb").write(whole[: len(whole) * 2 // 3])
open("photographs/text.jpg", "w").write("This is no picture, whatever its name says.\n")
open("photographs/notes.txt", "w").write("Nor is this.\n")
open("photographs/empty.jpg", "w").close()
os.makedirs("photographs/more", exist_ok=True)
save(image.transpose(Image.Transpose.FLIP_LEFT_RIGHT), "more/colour.jpg", quality=95)
