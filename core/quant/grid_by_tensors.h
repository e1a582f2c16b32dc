// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/quant/grid.h"

#include <ATen/core/Tensor.h>

namespace eigenquant {

/// What roundToNearest() does, by operations on whole tensors, on the weight's device, where the result is too.
GridCodes roundByTensors(const at::Tensor& weight, const GridSpec& grid);

/// What dequantize() does, on the device of the codes.
at::Tensor dequantizeByTensors(const GridCodes& quantized, const GridSpec& grid);

} // namespace eigenquant
