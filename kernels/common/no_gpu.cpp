// SPDX-License-Identifier: GPL-3.0-or-later
// The same functions in a build without CUDA: there is no GPU to be found.
#include "kernels/decode/decode_kernels.h"
#include "kernels/gemm/mixed_gemm.h"
