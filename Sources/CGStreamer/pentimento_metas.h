/**
 * The metas that Pentimento's elements attach to frames, for whoever reads them from C, or from Python by ctypes.
 *
 * Get the API type by g_type_from_name() with the name below, then gst_buffer_iterate_meta_filtered(): a buffer may carry
 * several of a kind, one a reference distance. Payloads are buffers of 32-bit floats in the machine's byte order, whole planes
 * one after the other, rows from top to bottom, without padding; read-only. They have a resolution of their own, which
 * covers the whole frame: scale by (frame width / payload width), vectors too. So a scaled frame keeps its metas; cropping,
 * rotating or padding it drops them.
 *
 * This header is C because the layout of a GstMeta is shared with other languages.
 */
#pragma once
#include <gst/gst.h>

G_BEGIN_DECLS

#define PENTIMENTO_FLOW_META_API "PentimentoFlowMetaAPI"
#define PENTIMENTO_CERTAINTY_META_API "PentimentoCertaintyMetaAPI"
#define PENTIMENTO_PRIOR_META_API "PentimentoPriorMetaAPI"
#define PENTIMENTO_CUBE_MAP_META_API "PentimentoCubeMapMetaAPI"

/**
 * Optical flow between the frame and the one `distance` frames earlier, attached by `opticalflow`.
 *
 * A payload holds u (to the right) of every pixel, then v (down): 2 * width * height floats, in pixels of the payload.
 */
typedef struct
{
  GstMeta meta;
  /** Frames back to the reference, 1 for the previous frame. */
  guint distance;
  /** Size of the payloads; 0 where there are none. */
  guint width, height;
  /** Nothing connects this frame with earlier ones: the first frame, a cut, a seek, a gap. There are no payloads then. */
  gboolean discontinuity;
  /** Number of the frame in its stream, counted from 0 by `opticalflow`; a step larger than 1 shows that frames were lost. */
  guint64 frame;
  /** From this frame to the reference: where each pixel came from. NULL where there is none. */
  GstBuffer *backward;
  /** From the reference to this frame. NULL where there is none. */
  GstBuffer *forward;
} PentimentoFlowMeta;

/**
 * How far the flow of the same distance can be trusted, 0 or 1 a pixel, attached by `occlusioncheck`.
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
  /** c of the backward flow: 0 where this frame's pixel is not seen in the reference. */
  GstBuffer *backward;
  /** c of the forward flow: 0 where the reference's pixel is not seen in this frame. */
  GstBuffer *forward;
  /** c_long (equation 12 of the paper): c without the pixels that a nearer reference has; NULL with one reference. */
  GstBuffer *long_term;
} PentimentoCertaintyMeta;

/**
 * What the frame should look like, judged by earlier ones, attached by `flowwarp`.
 */
typedef struct
{
  GstMeta meta;
  /** Size of the payloads; 0 for an empty prior. */
  guint width, height;
  /** Number of the frame, as `flowwarp` counts; a stylizer names it in its answer. */
  guint64 frame;
  /** The stylizer that the prior is for; 0 where none has registered. */
  guint64 owner;
  /** 3 * width * height floats: planes of blue, green and red minus (103.939, 116.779, 123.68), filled where uncertain. */
  GstBuffer *picture;
  /** width * height floats, 0 or 1: where the picture is to be trusted. */
  GstBuffer *certainty;
  /** Counts who may still answer; opaque, leave it alone. */
  gpointer token;
} PentimentoPriorMeta;

/**
 * The frame is a cube map: six square faces one below the other, in the order right, left, up, down, front, back, attached
 * by `cubemapsplit`. It holds no payload, and goes where the frame's size changes.
 *
 * The other metas of such a frame cover all of it as ever; what they say of a face holds within its rows.
 */
typedef struct
{
  GstMeta meta;
  /** Side of a face's own 90 degrees, in pixels of the frame. */
  guint face_size;
  /** Pixels by which each face reaches over its neighbours on each side: the frame is face_size + 2 * overlap wide. */
  guint overlap;
} PentimentoCubeMapMeta;

G_END_DECLS
