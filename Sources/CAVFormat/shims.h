// libavformat and libavcodec, and those of their macros that Swift cannot import.
#pragma once
#include <libavcodec/avcodec.h>
#include <libavcodec/bsf.h>
#include <libavformat/avformat.h>
#include <libavutil/audio_fifo.h>
#include <libavutil/channel_layout.h>
#include <libavutil/crc.h>
#include <libavutil/mastering_display_metadata.h>
#include <libavutil/opt.h>
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>

static const int64_t av_no_time = AV_NOPTS_VALUE;
static const int32_t av_end_of_file = AVERROR_EOF;
static const int32_t av_no_protocol = AVERROR_PROTOCOL_NOT_FOUND;
static const int32_t av_invalid_data = AVERROR_INVALIDDATA;
static const int32_t av_again = AVERROR(EAGAIN);

// The field was renamed in libavutil 58.
static inline int64_t av_frame_length(const AVFrame *frame) {
#if LIBAVUTIL_VERSION_MAJOR < 58
    return frame->pkt_duration;
#else
    return frame->duration;
#endif
}
