// Decoders of pictures and color management, and those of their macros and deprecated types that Swift cannot use.
#pragma once
#include <stdio.h>
#include <gdk-pixbuf/gdk-pixbuf.h>
#include <lcms2.h>
#include <png.h>
#include <turbojpeg.h>
#include <webp/decode.h>
#include <webp/demux.h>
#include <zlib.h>

// Red, green, blue and a byte that stays as it is.
static const cmsUInt32Number pentimento_rgbx = TYPE_RGBA_8;
// The first of four bytes.
static const cmsUInt32Number pentimento_gray_of_rgbx =
    COLORSPACE_SH(PT_GRAY) | EXTRA_SH(3) | CHANNELS_SH(1) | BYTES_SH(1);
static const cmsUInt32Number pentimento_cmyk = TYPE_CMYK_8;

// The frames of an animation take times in a type that GLib deprecates. It is the only one they take.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
static inline GdkPixbufAnimationIter *pentimento_animation_start(GdkPixbufAnimation *animation) {
    GTimeVal start = {0, 0};
    return gdk_pixbuf_animation_get_iter(animation, &start);
}
static inline void pentimento_animation_advance(GdkPixbufAnimationIter *iterator, long milliseconds) {
    GTimeVal time = {milliseconds / 1000, milliseconds % 1000 * 1000};
    gdk_pixbuf_animation_iter_advance(iterator, &time);
}
#pragma clang diagnostic pop
