"""A smooth panorama and its cube maps by ffmpeg's filter v360, which the faces' order and orientation are those of.

    python3 Tests/SphereTests/Fixtures/make_v360.py

Needs ffmpeg and NumPy. Writes, beside itself, as PPM: panorama (96x48), faces_3x2 (72x48), faces_6x1 (144x24) and
panorama_of_3x2 (96x48, v360's way back from faces_3x2).
"""

import pathlib
import subprocess

import numpy as np

HERE = pathlib.Path(__file__).parent
WIDTH, HEIGHT, FACE = 96, 48, 24


def write(name, pixels):
    height, width, _ = pixels.shape
    (HERE / name).write_bytes(b"P6\n%d %d\n255\n" % (width, height) + pixels.tobytes())


def panorama():
    """Waves through space, different ones in each colour, so that every direction looks different."""
    longitude = ((np.arange(WIDTH) + 0.5) / WIDTH * 2 - 1) * np.pi
    latitude = ((np.arange(HEIGHT) + 0.5) / HEIGHT - 0.5)[:, None] * np.pi
    x, y, z = np.sin(longitude) * np.cos(latitude), np.sin(latitude) + 0 * longitude, np.cos(longitude) * np.cos(latitude)
    planes = [128 + 60 * np.sin(a * x + b * y + c * z + d) + 50 * np.sin(c * x - a * y + b * z)
              for a, b, c, d in [(2.1, 0.7, 1.3, 0.4), (0.5, 2.3, -1.1, 1.9), (-1.7, 1.2, 2.0, 3.0)]]
    return np.clip(np.stack(planes, axis=-1).round(), 0, 255).astype(np.uint8)


def convert(source, target, options):
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", HERE / source, "-vf", f"v360={options},format=rgb24",
                    "-frames:v", "1", HERE / target], check=True)


write("panorama.ppm", panorama())
convert("panorama.ppm", "faces_3x2.ppm", f"e:c3x2:cubic:w={3 * FACE}:h={2 * FACE}")
convert("panorama.ppm", "faces_6x1.ppm", f"e:c6x1:cubic:w={6 * FACE}:h={FACE}")
convert("faces_3x2.ppm", "panorama_of_3x2.ppm", f"c3x2:e:cubic:w={WIDTH}:h={HEIGHT}")
