#!/usr/bin/env python3
"""Plays a stylized clip and changes its style or properties every two seconds, in an application's own pipeline.

usage: change_style.py CLIP [STYLE ...] [--sink ELEMENT]

STYLE is the name of a shipped model or the path of a model file (default: scream). With one style, its strength and
colours change instead. Needs the Debian packages python3-gi and gir1.2-gstreamer-1.0, and the plugin in GStreamer's search
path (`make install`, or GST_PLUGIN_PATH set to .build/release).
"""
import argparse
import itertools
import pathlib
import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("clip")
parser.add_argument("styles", nargs="*", default=["scream"])
parser.add_argument("--sink", default="autovideosink", help="sink element (default: autovideosink)")
options = parser.parse_args()

Gst.init(None)
pipeline = Gst.parse_launch(
    "uridecodebin name=source ! videoconvert ! coherentstylize name=painter ! videoconvert ! " + options.sink)
pipeline.get_by_name("source").set_property("uri", pathlib.Path(options.clip).resolve().as_uri())
painter = pipeline.get_by_name("painter")

# All properties can be set at any time from any thread. A new model cross-fades over `fade` seconds.
looks = [{"model": style} for style in options.styles]
if len(looks) == 1:
    looks += [{"strength": 0.5}, {"strength": 1.0, "preserve-color": True}, {"preserve-color": False}]
upcoming = itertools.cycle(looks)


def change_look():
    for name, value in next(upcoming).items():
        print(f"{name} = {value}")
        painter.set_property(name, value)
    return GLib.SOURCE_CONTINUE


loop = GLib.MainLoop()
failed = False


def on_message(_, message):
    global failed
    if message.type == Gst.MessageType.ERROR:
        error, _ = message.parse_error()
        print(f"{message.src.get_name()}: {error.message}", file=sys.stderr)
        failed = True
    if message.type in (Gst.MessageType.ERROR, Gst.MessageType.EOS):
        loop.quit()


bus = pipeline.get_bus()
bus.add_signal_watch()
bus.connect("message", on_message)
change_look()
GLib.timeout_add_seconds(2, change_look)
pipeline.set_state(Gst.State.PLAYING)
try:
    loop.run()
except KeyboardInterrupt:
    pass
pipeline.set_state(Gst.State.NULL)
sys.exit(1 if failed else 0)
