#pragma once
#include <gst/gst.h>
#include <gst/base/gstaggregator.h>
#include <gst/base/gstbasetransform.h>
#include <gst/video/video.h>
#include <gst/video/gstvideometa.h>
#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/pbutils/pbutils.h>
#include "pentimento_metas.h"

// The macros compare with mutable C globals; Swift 6 can import neither.
static inline gboolean pentimento_meta_is_copied(GQuark type) { return GST_META_TRANSFORM_IS_COPY(type); }
static inline gboolean pentimento_meta_is_scaled(GQuark type) { return GST_VIDEO_META_TRANSFORM_IS_SCALE(type); }

// GStreamer declares this function const, so a compiler may call it after a Swift string is freed.
GstVideoFormat gst_video_format_from_string(const gchar *format)
    __attribute__((unavailable("use GstVideoFormat.named(_:)")));
