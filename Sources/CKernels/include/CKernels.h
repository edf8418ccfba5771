// The umbrella header of the module that Swift imports. List new headers here: incremental builds do not detect changes
// in an umbrella folder.
#pragma once

#include "binary.h"
#include "blocked_convolution.h"
#include "cells.h"
#include "component.h"
#include "feature_map.h"
#include "flow_kernels.h"
#include "gradient.h"
#include "image.h"
#include "painting.h"
#include "parallel.h"
#include "photometry.h"
#include "remap.h"
#include "tone_mapping.h"
#include "variant.h"
#include "warp.h"
