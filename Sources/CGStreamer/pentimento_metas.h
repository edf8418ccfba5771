/**
 * The metas that Pentimento's elements attach to frames, for readers in C, or in Python with ctypes.
 *
 * Get the API type with g_type_from_name() and a name below, then use gst_buffer_iterate_meta_filtered(). A buffer may carry
 * several metas of a kind, one per reference distance.
 *
 * Payloads are read-only buffers of 32-bit floats in native byte order: whole planes, rows from top to bottom, without
 * padding. A payload covers the whole frame at its own resolution: multiply coordinates and vectors by
 * (frame width / payload width). So scaling a frame keeps its metas; cropping, rotating or padding drops them.
 *
 * This header is in C because other languages share the layout of a GstMeta.
 */
#pragma once
#include <gst/gst.h>

G_BEGIN_DECLS

#define PENTIMENTO_FLOW_META_API "PentimentoFlowMetaAPI"
#define PENTIMENTO_CERTAINTY_META_API "PentimentoCertaintyMetaAPI"
#define PENTIMENTO_PRIOR_META_API "PentimentoPriorMetaAPI"
#define PENTIMENTO_CUBE_MAP_META_API "PentimentoCubeMapMetaAPI"
#define PENTIMENTO_MASK_META_API "PentimentoMaskMetaAPI"

/**
 * Optical flow between the frame and the one `distance` frames earlier, attached by `opticalflow`.
 *
 * A payload holds the plane u (positive to the right), then v (positive downwards): 2 * width * height floats, in pixels
 * of the payload.
 */
typedef struct
{
  GstMeta meta;
  /** Frames back to the reference, 1 for the previous frame. */
  guint distance;
  /** Size of the payloads; 0 if there are none. */
  guint width, height;
  /** Whether no flow connects this frame with earlier ones: the first frame, a scene cut, a seek or a gap. Then there are no
  *  payloads. */
  gboolean discontinuity;
  /** Number of the frame in its stream, counted from 0 by `opticalflow`. A step larger than 1 shows that frames were dropped. */
  guint64 frame;
  /** From this frame to the reference: where each pixel came from. NULL if there is none. */
  GstBuffer *backward;
  /** From the reference to this frame. NULL if there is none. */
  GstBuffer *forward;
} PentimentoFlowMeta;

/**
 * Certainty of the flow with the same distance, 0 or 1 per pixel, attached by `occlusioncheck`.
 *
 * A payload holds width * height floats.
 */
typedef struct
{
  GstMeta meta;
  /** Frames back to the reference. */
  guint distance;
  /** Size of the payloads. */
  guint width, height;
  /** c of the backward flow: 0 where this frame's pixel is not visible in the reference. */
  GstBuffer *backward;
  /** c of the forward flow: 0 where the reference's pixel is not visible in this frame; NULL if it was not asked for. */
  GstBuffer *forward;
  /** c_long (equation 12 of the paper): c without the pixels that a nearer reference covers; NULL with one reference. */
  GstBuffer *long_term;
} PentimentoCertaintyMeta;

/**
 * The prior: the previous stylized frame warped to this one, attached by `flowwarp`.
 */
typedef struct
{
  GstMeta meta;
  /** Size of the payloads; 0 for an empty prior. */
  guint width, height;
  /** Number of the frame as counted by `flowwarp`; the stylizer's answer refers to it. */
  guint64 frame;
  /** Id of the stylizer that the prior is for; 0 if none has registered. */
  guint64 owner;
  /** 3 * width * height floats: planes of blue, green and red minus (103.939, 116.779, 123.68); uncertain pixels are filled. */
  GstBuffer *image;
  /** width * height floats, 0 or 1: certainty of the image. */
  GstBuffer *certainty;
  /** Reference-counted token of the frame's answer; opaque, do not change it. */
  gpointer token;
} PentimentoPriorMeta;

/**
 * The frame is a cube map: six stacked square faces in the order right, left, up, down, front, back, attached by
 * `cubemapsplit`. It has no payload, and is dropped when the frame is scaled.
 *
 * The other metas of such a frame cover the whole frame, but flow never crosses from one face to another.
 */
typedef struct
{
  GstMeta meta;
  /** Width and height of a face without its overlap (90 degrees), in pixels of the frame. */
  guint face_size;
  /** Overlap of each face with its neighbours, in pixels on each side: the frame is face_size + 2 * overlap wide. */
  guint overlap;
} PentimentoCubeMapMeta;

/**
 * Where to paint, and how strongly, attached by `maskcombine` and read by `stylize`.
 *
 * Its payload is the exception: width * height bytes, 0 where the frame's pixels stay, 255 where they are painted.
 */
typedef struct
{
  GstMeta meta;
  /** Size of the payload. */
  guint width, height;
  /** Rows from top to bottom, without padding. */
  GstBuffer *mask;
} PentimentoMaskMeta;

G_END_DECLS
