#pragma once
#include <gst/check/gstharness.h>
#include <gst/controller/controller.h>
// mallinfo2, which Swift's Glibc module leaves out: tests look for memory that is not given back.
#include <malloc.h>
