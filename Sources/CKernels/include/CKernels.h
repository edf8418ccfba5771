// All that Swift sees of this module. A new header must be named here: then builds that follow notice it, which they do
// not where a module is a folder of headers.
#pragma once

#include "binary.h"
#include "blocked_convolution.h"
#include "feature_map.h"
#include "flow_kernels.h"
#include "gradient.h"
#include "image.h"
#include "parallel.h"
#include "remap.h"
#include "variant.h"
#include "warp.h"
